/** Runs jobs one after the other, in the order of the calls. A job that fails fails alone. */
export class WriteLane {
  #tail: Promise<unknown> = Promise.resolve();

  run<T>(job: () => Promise<T> | T): Promise<T> {
    const run = this.#tail.then(job);
    this.#tail = run.catch(() => undefined);
    return run;
  }

  /** Resolves when everything that was asked for up to now is over, well or badly. */
  async idle(): Promise<void> {
    await this.#tail;
  }
}
