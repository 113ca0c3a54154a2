interface Waiting {
  grant(): void;
  refuse(error: Error): void;
}

/** A limited number of slots, given in the order of the requests. */
export class Places {
  readonly #max: number;
  readonly #waitMs: number;
  readonly #waiting: Waiting[] = [];
  #taken = 0;

  constructor(max: number, waitMs: number) {
    this.#max = max;
    this.#waitMs = waitMs;
  }

  get taken(): number {
    return this.#taken;
  }

  get someoneWaits(): boolean {
    return this.#waiting.length > 0;
  }

  /** Whether the next request has to wait. */
  get full(): boolean {
    return this.#taken >= this.#max;
  }

  /** Resolves when a slot is free; rejects with `tooLate()` after the maximum wait. */
  async take(tooLate: () => Error): Promise<void> {
    if (!this.full) {
      this.#taken += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(place), 1);
        reject(tooLate());
      }, this.#waitMs);
      const place: Waiting = {
        grant: () => {
          clearTimeout(late);
          resolve();
        },
        refuse: (error) => {
          clearTimeout(late);
          reject(error);
        },
      };
      this.#waiting.push(place);
    });
  }

  /** Frees a slot; the longest-waiting request gets it. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken -= 1;
    else next.grant();
  }

  /** Rejects all waiting requests. */
  refuseWaiting(error: Error): void {
    for (const place of this.#waiting.splice(0)) place.refuse(error);
  }
}
