/** The rows with the highest scores above 0, best first. Among equal scores, the lower row comes first. */
export function bestRows(scores: Float32Array, rows: number, most: number): number[] {
  const size = Math.min(most, rows);
  if (size <= 0) return [];
  // A heap whose root is the worst row kept.
  const heap: number[] = [];
  const worse = (a: number, b: number) => {
    const difference = (scores[a] ?? 0) - (scores[b] ?? 0);
    return difference < 0 || (difference === 0 && a > b);
  };
  for (let row = 0; row < rows; row++) {
    if (!((scores[row] ?? 0) > 0)) continue;
    if (heap.length < size) {
      heap.push(row);
      siftUp(heap, worse);
    } else if (worse(heap[0] ?? 0, row)) {
      heap[0] = row;
      siftDown(heap, worse);
    }
  }
  return heap.sort((a, b) => (worse(a, b) ? 1 : -1));
}

function siftUp(heap: number[], worse: (a: number, b: number) => boolean): void {
  let at = heap.length - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!worse(heap[at] ?? 0, heap[parent] ?? 0)) return;
    swap(heap, at, parent);
    at = parent;
  }
}

function siftDown(heap: number[], worse: (a: number, b: number) => boolean): void {
  let at = 0;
  for (;;) {
    const left = at * 2 + 1;
    const right = left + 1;
    let least = at;
    if (left < heap.length && worse(heap[left] ?? 0, heap[least] ?? 0)) least = left;
    if (right < heap.length && worse(heap[right] ?? 0, heap[least] ?? 0)) least = right;
    if (least === at) return;
    swap(heap, at, least);
    at = least;
  }
}

function swap(heap: number[], a: number, b: number): void {
  const kept = heap[a] ?? 0;
  heap[a] = heap[b] ?? 0;
  heap[b] = kept;
}
