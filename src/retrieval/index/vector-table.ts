import { dotRows, rowUnit } from '../../lib/math/dot-bytes.js';

const rowsPerChunk = 4096;

/**
 * Unit vectors by row, as signed bytes with one scale for each row. It needs a quarter of the memory of
 * floats and is several times as fast. The error of the cosine is about 0.001. It grows by chunks, so vectors
 * are never copied.
 */
export class VectorTable {
  readonly dimensions: number;
  /** Bytes in a row: the dimensions, padded with zeros for the kernel. */
  readonly #stride: number;
  readonly #chunks: Int8Array[] = [];
  readonly #scales: Float32Array[] = [];
  #count = 0;

  constructor(dimensions: number) {
    this.dimensions = dimensions;
    this.#stride = Math.ceil(dimensions / rowUnit) * rowUnit;
  }

  /** Number of rows with a vector. */
  get count(): number {
    return this.#count;
  }

  has(row: number): boolean {
    return this.#scaleOf(row) >= 0;
  }

  /** The vector must have norm 1, or be zero. */
  set(row: number, vector: Float32Array): void {
    const chunk = Math.floor(row / rowsPerChunk);
    while (this.#chunks.length <= chunk) {
      this.#chunks.push(new Int8Array(rowsPerChunk * this.#stride));
      this.#scales.push(new Float32Array(rowsPerChunk).fill(-1));
    }
    const scales = this.#scales[chunk];
    const bytes = this.#chunks[chunk];
    if (bytes === undefined || scales === undefined) return;
    const at = row % rowsPerChunk;
    if ((scales[at] ?? -1) < 0) this.#count += 1;
    scales[at] = quantise(vector, bytes.subarray(at * this.#stride, (at + 1) * this.#stride));
  }

  clear(row: number): void {
    if (!this.has(row)) return;
    const scales = this.#scales[Math.floor(row / rowsPerChunk)];
    if (scales !== undefined) scales[row % rowsPerChunk] = -1;
    this.#count -= 1;
  }

  /**
   * Renumbers rows. `renumbered` has the new row of each old row, in ascending order; -1 for a removed row.
   */
  compact(renumbered: Int32Array): void {
    renumbered.forEach((row, before) => {
      if (row === -1 || row === before) return;
      const scale = this.#scaleOf(before);
      this.#bytesOf(row).set(this.#bytesOf(before));
      const scales = this.#scales[Math.floor(row / rowsPerChunk)];
      if (scales !== undefined) scales[row % rowsPerChunk] = scale;
    });
    const rows = renumbered.reduce((most, row) => Math.max(most, row + 1), 0);
    const chunks = Math.ceil(rows / rowsPerChunk);
    this.#chunks.length = Math.min(this.#chunks.length, chunks);
    this.#scales.length = this.#chunks.length;
    this.#scales.at(-1)?.fill(-1, rows - (this.#scales.length - 1) * rowsPerChunk);
  }

  /**
   * Writes the cosine of the query with each of the first `rows` rows into `out`; 0 for rows without a
   * vector.
   */
  scan(query: Float32Array, rows: number, out: Float32Array): void {
    const bytes = new Int8Array(this.#stride);
    const queryScale = quantise(query, bytes);
    for (let chunk = 0, from = 0; from < rows; chunk++, from += rowsPerChunk) {
      const table = this.#chunks[chunk];
      const scales = this.#scales[chunk];
      const count = Math.min(rowsPerChunk, rows - from);
      if (table === undefined || scales === undefined) out.fill(0, from, from + count);
      else {
        dotRows(table, count, bytes, (row, sum) => {
          out[from + row] = sum * Math.max(0, scales[row] ?? 0) * queryScale;
        });
      }
    }
  }

  /** The cosine of two rows; 0 if one of them has no vector. */
  cosine(a: number, b: number): number {
    if (!this.has(a) || !this.has(b)) return 0;
    const [x, y] = [this.#bytesOf(a), this.#bytesOf(b)];
    let sum = 0;
    for (let i = 0; i < this.#stride; i++) sum += (x[i] ?? 0) * (y[i] ?? 0);
    return sum * this.#scaleOf(a) * this.#scaleOf(b);
  }

  #scaleOf(row: number): number {
    return this.#scales[Math.floor(row / rowsPerChunk)]?.[row % rowsPerChunk] ?? -1;
  }

  #bytesOf(row: number): Int8Array {
    const at = (row % rowsPerChunk) * this.#stride;
    const chunk = this.#chunks[Math.floor(row / rowsPerChunk)];
    return chunk === undefined ? new Int8Array(this.#stride) : chunk.subarray(at, at + this.#stride);
  }
}

/** Writes the vector as bytes into `bytes`, and returns the value of one unit. */
function quantise(vector: Float32Array, bytes: Int8Array): number {
  let largest = 0;
  for (let i = 0; i < bytes.length; i++) largest = Math.max(largest, Math.abs(vector[i] ?? 0));
  if (largest === 0 || !Number.isFinite(largest)) {
    bytes.fill(0);
    return 0;
  }
  const scale = largest / 127;
  for (let i = 0; i < bytes.length; i++) bytes[i] = Math.round((vector[i] ?? 0) / scale);
  return scale;
}
