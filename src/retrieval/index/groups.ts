/** Pages by group (session or segment), with the scores of one query for each group. */
export class Groups {
  /** Row to group; -1 for none. */
  of: Int32Array = new Int32Array(0);
  count = 0;
  /** Words in each group. */
  lengths = new Float32Array(0);
  meanLength = 1;
  scores = new Float32Array(0);
  /** Working memory for one term: occurrences in each group, and the groups that have any. */
  counted = new Float32Array(0);
  touched = new Int32Array(0);

  /** Sets the group of each row, with the lengths of rows. */
  arrange(of: Int32Array, count: number, rows: Iterable<number>, lengthOf: (row: number) => number): void {
    this.of = of;
    this.count = count;
    if (this.lengths.length < count) {
      const capacity = Math.max(count, this.lengths.length * 2);
      this.lengths = new Float32Array(capacity);
      this.scores = new Float32Array(capacity);
      this.counted = new Float32Array(capacity);
      this.touched = new Int32Array(capacity);
    }
    this.lengths.fill(0);
    let sum = 0;
    for (const row of rows) {
      const group = of[row] ?? -1;
      if (group === -1) continue;
      const length = lengthOf(row);
      this.lengths[group] = (this.lengths[group] ?? 0) + length;
      sum += length;
    }
    this.meanLength = Math.max(1, sum / Math.max(1, count));
  }

  clearScores(): void {
    this.scores.fill(0, 0, this.count);
  }

  scoreOf(row: number): number {
    const group = this.of[row] ?? -1;
    return group === -1 ? 0 : (this.scores[group] ?? 0);
  }
}
