import { readFileSync } from 'node:fs';
import { packageFile } from '../../lib/io/package-files.js';
import { exportsOf, moduleMemory } from '../../lib/math/web-assembly.js';
import { pieceBytes, pieceWidth, productUnit } from './reduction.js';

/** The exports of assembly/max-sim.ts. */
interface Kernel {
  maxSim(question: number, asked: number, page: number, pieces: number, out: number): void;
}

// The kernel's memory holds the question, then the largest products, then one passage.
const askedMax = 64;
const piecesMax = 255;
const questionAt = 1024;
const outAt = questionAt + askedMax * pieceWidth * Int16Array.BYTES_PER_ELEMENT;
const passageAt = outAt + askedMax * Int32Array.BYTES_PER_ELEMENT;
const memoryBytes = passageAt + piecesMax * pieceBytes;
const askedUnits = 2047;

let loaded: ReturnType<typeof load> | undefined;

function load() {
  const memory = moduleMemory(memoryBytes);
  const compiled = readFileSync(packageFile('assets/sentence-model/max-sim.wasm'));
  return {
    kernel: exportsOf(compiled, memory) as Kernel,
    question: new Int16Array(memory.buffer, questionAt, askedMax * pieceWidth),
    out: new Int32Array(memory.buffer, outAt, askedMax),
    passage: new Uint8Array(memory.buffer, passageAt, piecesMax * pieceBytes),
  };
}

/** The word pieces of one question, prepared for comparison with many passages. */
export class AskedPieces {
  readonly count: number;
  readonly #units: Int16Array;
  readonly #scales: Float32Array;

  /** The vectors have {@link pieceWidth} numbers and norm 1. Only the first 64 vectors are compared. */
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
   * For each piece of the question, writes its largest product (about in [-1, 1]) with a piece of the packed
   * passage into `out`. If the passage has no pieces, returns false and leaves `out` unchanged.
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
