import { normalise } from '../../lib/math/vectors.js';
import { modelWidth } from '../../lib/meaning/forward-pass.js';

/** Length of a reduced piece vector. */
export const pieceWidth = 64;
/**
 * A packed piece has 4 bits for each number. Number i is in the low half of byte i, and number i + 32 is in
 * the high half.
 */
export const pieceBytes = pieceWidth / 2;
/**
 * Value of one unit of a packed number. The numbers of a unit vector with 64 numbers have a standard
 * deviation of 1/8. The largest packed number, 7 units, is 2.7 times that.
 */
const packedUnit = 0.048;
const packedMax = 7;
const packedOffset = 8;

/**
 * Reduces vectors of the last layer of the model. It subtracts the mean of common text, projects onto the
 * directions in which common text varies most (principal components, rotated so that all numbers have equal
 * importance), and normalises.
 */
export class Reduction {
  readonly #mean: Float32Array;
  /** One direction for each row. */
  readonly #directions: Float32Array;

  /** `bytes`: the mean and {@link pieceWidth} directions, as little-endian floats. Throws a plain Error. */
  constructor(bytes: Uint8Array) {
    const expected = (1 + pieceWidth) * modelWidth * Float32Array.BYTES_PER_ELEMENT;
    if (bytes.length !== expected)
      throw new Error(`The reduction has ${bytes.length} bytes, not ${expected}.`);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const floats = Float32Array.from({ length: expected / 4 }, (_, i) => view.getFloat32(i * 4, true));
    this.#mean = floats.subarray(0, modelWidth);
    this.#directions = floats.subarray(modelWidth);
  }

  /** Reduces the {@link modelWidth} numbers of `vectors` that begin at `offset`. */
  reduced(vectors: Float32Array, offset: number): Float32Array {
    const off = new Float32Array(modelWidth);
    for (let k = 0; k < modelWidth; k++) off[k] = (vectors[offset + k] ?? 0) - (this.#mean[k] ?? 0);
    const out = new Float32Array(pieceWidth);
    for (let row = 0; row < pieceWidth; row++) {
      let sum = 0;
      const from = row * modelWidth;
      for (let k = 0; k < modelWidth; k++) sum += (this.#directions[from + k] ?? 0) * (off[k] ?? 0);
      out[row] = sum;
    }
    return normalise(out);
  }
}

/** Packs a reduced vector into {@link pieceBytes} bytes at `offset`. */
export function pack(vector: Float32Array, bytes: Uint8Array, offset: number): void {
  const half = pieceWidth / 2;
  for (let i = 0; i < half; i++) {
    bytes[offset + i] = packed(vector[i] ?? 0) | (packed(vector[i + half] ?? 0) << 4);
  }
}

function packed(value: number): number {
  const units = Math.round(value / packedUnit);
  return Math.max(-packedMax, Math.min(packedMax, units)) + packedOffset;
}

/**
 * The value of one unit in a sum of products of packed numbers with the numbers of a question. One unit of a
 * number of the question has the value `questionUnit`.
 */
export function productUnit(questionUnit: number): number {
  return packedUnit * questionUnit;
}
