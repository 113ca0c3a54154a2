/** Runs jobs one after another, in the order of the calls. A failed job does not affect later ones. */
export class WriteLane {
  #tail: Promise<unknown> = Promise.resolve();

  run<T>(job: () => Promise<T> | T): Promise<T> {
    const run = this.#tail.then(job);
    this.#tail = run.catch(() => undefined);
    return run;
  }

  /** Resolves when all jobs added so far have ended, with or without success. */
  async idle(): Promise<void> {
    await this.#tail;
  }
}
