/** Functions that are called with every change, until they unsubscribe. */
export class Listeners<Change> {
  readonly #listeners = new Set<(change: Change) => void>();

  get isEmpty(): boolean {
    return this.#listeners.size === 0;
  }

  /** Returns a function that unsubscribes. */
  add(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  tell(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }

  clear(): void {
    this.#listeners.clear();
  }
}
