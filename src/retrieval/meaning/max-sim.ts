import { readFileSync } from 'node:fs';
import { packageFile } from '../../lib/io/package-files.js';
import { pieceBytes, pieceWidth, productUnit } from './reduction.js';

/** The part of WebAssembly used here; Node has it, its types of this version do not. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

/** What assembly/max-sim.ts exports. */
interface Kernel {
  maxSim(question: number, asked: number, page: number, pieces: number, out: number): void;
}

// The kernel's memory: the question, the largest products, a passage.
const askedMax = 64;
const piecesMax = 255;
const questionAt = 1024;
const outAt = questionAt + askedMax * pieceWidth * Int16Array.BYTES_PER_ELEMENT;
const passageAt = outAt + askedMax * Int32Array.BYTES_PER_ELEMENT;
const memoryPages = Math.ceil((passageAt + piecesMax * pieceBytes) / 65_536);
const askedUnits = 2047;

let loaded: ReturnType<typeof load> | undefined;

function load() {
  const memory = new WebAssembly.Memory({ initial: memoryPages });
  const module = new WebAssembly.Module(readFileSync(packageFile('assets/sentence-model/max-sim.wasm')));
  return {
    kernel: new WebAssembly.Instance(module, { env: { memory } }).exports as Kernel,
    question: new Int16Array(memory.buffer, questionAt, askedMax * pieceWidth),
    out: new Int32Array(memory.buffer, outAt, askedMax),
    passage: new Uint8Array(memory.buffer, passageAt, piecesMax * pieceBytes),
  };
}

/** The pieces of one question, ready to be compared with many passages. */
export class AskedPieces {
  readonly count: number;
  readonly #units: Int16Array;
  readonly #scales: Float32Array;

  /** Vectors of {@link pieceWidth} numbers at norm 1; only the first 64 are compared. */
  constructor(vectors: readonly Float32Array[]) {
    this.count = Math.min(askedMax, vectors.length);
    this.#units = new Int16Array(this.count * pieceWidth);
    this.#scales = new Float32Array(this.count);
    for (let piece = 0; piece < this.count; piece++) {
      const vector = vectors[piece] ?? new Float32Array(pieceWidth);
      let largest = 1e-9;
      for (const value of vector) largest = Math.max(largest, Math.abs(value));
      const unit = largest / askedUnits;
      for (let k = 0; k < pieceWidth; k++) {
        this.#units[piece * pieceWidth + k] = Math.round((vector[k] ?? 0) / unit);
      }
      this.#scales[piece] = productUnit(unit);
    }
  }

  /**
   * For each piece of the question the largest product, about in [-1, 1], with a piece of the packed passage, written
   * into `out`; returns false, and leaves `out` alone, where the passage has none.
   */
  compare(passage: Uint8Array, out: Float32Array): boolean {
    const pieces = Math.min(piecesMax, passage.length / pieceBytes);
    if (pieces === 0 || this.count === 0) return false;
    loaded ??= load();
    loaded.question.set(this.#units);
    loaded.passage.set(
      passage.length > loaded.passage.length ? passage.subarray(0, loaded.passage.length) : passage,
    );
    loaded.kernel.maxSim(questionAt, this.count, passageAt, pieces, outAt);
    for (let piece = 0; piece < this.count; piece++) {
      out[piece] = (loaded.out[piece] ?? 0) * (this.#scales[piece] ?? 0);
    }
    return true;
  }
}
