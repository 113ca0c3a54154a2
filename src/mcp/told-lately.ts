/** A client may go on in another conversation of the same session, where it knows of these no more. */
const keptMs = 30 * 60_000;

/** The pages that one session stored itself, for as long as its client surely has them before it. */
export class ToldLately {
  readonly #toldAt = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  note(pageId: string): void {
    this.#toldAt.set(pageId, this.#now());
  }

  /** Ids of the pages told in the last half hour. */
  lately(): string[] {
    const earliest = this.#now() - keptMs;
    for (const [id, at] of this.#toldAt) if (at < earliest) this.#toldAt.delete(id);
    return [...this.#toldAt.keys()];
  }
}
