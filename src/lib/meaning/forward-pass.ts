import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { exportsOf, moduleMemory } from '../../lib/math/web-assembly.js';

/** Length of a vector of the model's last layer. */
export const modelWidth = 384;
/** Maximum length of a text in word pieces, including start and end. */
export const windowPieces = 256;

/** The exports of assembly/forward.ts. */
interface Kernel {
  scratchBytes(): number;
  modelBytes(): number;
  forward(model: number, ids: number, tokens: number, out: number, scratch: number): void;
}

/** Start of the model in memory; address 0 is not used. */
const modelAt = 1024;
const floatBytes = 4;

/**
 * all-MiniLM-L6-v2 in WebAssembly: its weights, and the forward pass that computes the vectors of word
 * pieces. It needs about 28 MB.
 */
export class ForwardPass {
  readonly #kernel: Kernel;
  readonly #idsAt: number;
  readonly #outAt: number;
  readonly #scratchAt: number;
  readonly #ids: Int32Array;
  readonly #out: Float32Array;
  /** The weights as in the file. */
  readonly weights: Uint8Array;

  /**
   * `compiled` is the compiled assembly/forward.ts. Throws a plain Error if the weights are missing or have
   * the wrong length.
   */
  constructor(compiled: Uint8Array, weightsFile: string) {
    const memory = moduleMemory(32 * 1024 * 1024);
    this.#kernel = exportsOf(compiled, memory) as Kernel;
    const modelBytes = this.#kernel.modelBytes();
    this.#idsAt = aligned(modelAt + modelBytes);
    this.#outAt = this.#idsAt + windowPieces * Int32Array.BYTES_PER_ELEMENT;
    this.#scratchAt = this.#outAt + windowPieces * modelWidth * floatBytes;
    const end = this.#scratchAt + this.#kernel.scratchBytes();
    if (end > memory.buffer.byteLength) throw new Error(`The sentence model needs ${end} bytes of memory.`);
    this.weights = new Uint8Array(memory.buffer, modelAt, modelBytes);
    readInto(weightsFile, this.weights);
    this.#ids = new Int32Array(memory.buffer, this.#idsAt, windowPieces);
    this.#out = new Float32Array(memory.buffer, this.#outAt, windowPieces * modelWidth);
  }

  /**
   * The vectors of word pieces, one after another, with {@link modelWidth} floats each. They are valid until
   * the next call.
   */
  run(ids: readonly number[]): Float32Array {
    if (ids.length > windowPieces)
      throw new RangeError(`${ids.length} pieces are more than ${windowPieces}.`);
    this.#ids.set(ids);
    this.#kernel.forward(modelAt, this.#idsAt, ids.length, this.#outAt, this.#scratchAt);
    return this.#out.subarray(0, ids.length * modelWidth);
  }
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}

/** Reads directly into the kernel's memory, without a copy. */
function readInto(file: string, bytes: Uint8Array): void {
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    if (size !== bytes.length) throw new Error(`${file} has ${size} bytes, not ${bytes.length}.`);
    for (let at = 0; at < size; ) {
      const read = readSync(descriptor, bytes, at, size - at, at);
      if (read === 0) throw new Error(`${file} ended at byte ${at}.`);
      at += read;
    }
  } finally {
    closeSync(descriptor);
  }
}
