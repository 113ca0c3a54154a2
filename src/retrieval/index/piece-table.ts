import { passagesOf } from '../meaning/packed-pieces.js';

const chunkBytes = 256 * 1024;

/** The packed word pieces of pages, by row. Many pages share one buffer. */
export class PieceTable {
  #passages: (readonly Uint8Array[] | undefined)[] = [];
  #chunk = new Uint8Array(0);
  #used = 0;

  /** Copies a packed page; false if the bytes are invalid. */
  set(row: number, page: Uint8Array): boolean {
    if (passagesOf(page) === null) return false;
    const kept = this.#room(page.length);
    kept.set(page);
    this.#passages[row] = passagesOf(kept) ?? [];
    return true;
  }

  /** The passages of a row's page; undefined if it has none yet. */
  passagesOf(row: number): readonly Uint8Array[] | undefined {
    return this.#passages[row];
  }

  clear(row: number): void {
    this.#passages[row] = undefined;
  }

  /**
   * Renumbers rows. `renumbered` has the new row of each old row, in ascending order; -1 for a removed row,
   * whose memory is freed.
   */
  compact(renumbered: Int32Array): void {
    const before = this.#passages;
    this.#passages = [];
    this.#chunk = new Uint8Array(0);
    this.#used = 0;
    renumbered.forEach((row, old) => {
      const passages = before[old];
      if (row === -1 || passages === undefined) return;
      this.#passages[row] = passages.map((passage) => {
        const kept = this.#room(passage.length);
        kept.set(passage);
        return kept;
      });
    });
  }

  #room(bytes: number): Uint8Array {
    if (bytes > chunkBytes / 8) return new Uint8Array(bytes);
    if (this.#used + bytes > this.#chunk.length) {
      this.#chunk = new Uint8Array(chunkBytes);
      this.#used = 0;
    }
    const room = this.#chunk.subarray(this.#used, this.#used + bytes);
    this.#used += bytes;
    return room;
  }
}
