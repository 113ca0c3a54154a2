/**
 * After this time, a client may have started another conversation in the same session, which does not contain
 * these pages.
 */
const keptMs = 30 * 60_000;

/** The pages that a session stored itself, kept while its conversation still contains them. */
export class RecentlyStored {
  readonly #storedAt = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  note(pageId: string): void {
    this.#storedAt.set(pageId, this.#now());
  }

  /** Ids of the pages stored in the last half hour. */
  ids(): string[] {
    const earliest = this.#now() - keptMs;
    for (const [id, at] of this.#storedAt) if (at < earliest) this.#storedAt.delete(id);
    return [...this.#storedAt.keys()];
  }
}
