import type { MemoryEngine } from '../engine/memory-engine.js';
import { MemoryError } from '../model/errors.js';

/** Opens a memory on first use. After a failure, the next use tries again. */
export class LazyEngine {
  readonly #open: () => Promise<MemoryEngine>;
  #opening: Promise<MemoryEngine> | undefined;
  #closed = false;

  constructor(open: () => Promise<MemoryEngine>) {
    this.#open = open;
  }

  async get(): Promise<MemoryEngine> {
    if (this.#closed) {
      throw new MemoryError('STORE_CLOSED', 'The server is shutting down. Start it again.');
    }
    if (this.#opening === undefined) {
      const opening = this.#open();
      this.#opening = opening;
      opening.catch(() => {
        this.#opening = undefined;
      });
    }
    return this.#opening;
  }

  /** Closes the memory when it is open or being opened. */
  async close(): Promise<void> {
    this.#closed = true;
    const engine = await this.#opening?.catch(() => undefined);
    await engine?.close();
  }
}
