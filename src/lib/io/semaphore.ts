interface Waiting {
  grant(): void;
  refuse(reason: unknown): void;
}

/** A limited number of places, given in the order of the requests. */
export class Semaphore {
  readonly #max: number;
  readonly #waiting: Waiting[] = [];
  #taken = 0;

  constructor(max: number) {
    this.#max = max;
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

  /**
   * Resolves when a place is free, with a function that frees it again. Rejects with the signal's reason when
   * the signal is aborted before that.
   */
  async take(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.full) await this.#queue(signal);
    else this.#taken += 1;
    let isFree = false;
    return () => {
      if (isFree) return;
      isFree = true;
      const next = this.#waiting.shift();
      if (next === undefined) this.#taken -= 1;
      else next.grant();
    };
  }

  /** Rejects all waiting requests. */
  refuseWaiting(reason: Error): void {
    for (const request of this.#waiting.splice(0)) request.refuse(reason);
  }

  #queue(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        this.#waiting.splice(this.#waiting.indexOf(request), 1);
        reject(signal?.reason);
      };
      const unfollow = () => signal?.removeEventListener('abort', giveUp);
      const request: Waiting = {
        grant() {
          unfollow();
          resolve();
        },
        refuse(reason) {
          unfollow();
          reject(reason);
        },
      };
      this.#waiting.push(request);
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }
}
