/**
 * Number of jobs in a row that a model may fail with unusable answers after it has done one; before that,
 * one.
 */
const failuresMax = 3;

/**
 * Decides whether to use the model. A job that fails because of its answers has cost two answers. A model
 * that has not completed any job is therefore not used for a while, and the built-in analyser takes over at
 * once. Shared by the memories that use the same model; not stored.
 */
export class ModelFitness {
  #everUsable = false;
  #failuresInARow = 0;
  #times = 0;
  #unfitUntilMs = 0;

  /** Until when the model is not used, in milliseconds since 1970; null while it is used. */
  unfitUntilMs(nowMs: number): number | null {
    return this.#unfitUntilMs > nowMs ? this.#unfitUntilMs : null;
  }

  /** Records a completed job. */
  didWell(): void {
    this.#everUsable = true;
    this.#failuresInARow = 0;
    this.#times = 0;
  }

  /**
   * Records a job that failed with unusable answers. `pauseMs`: the first pause; each further pause is twice
   * as long.
   */
  failed(nowMs: number, pauseMs: number): void {
    this.#failuresInARow += 1;
    if (this.#failuresInARow < (this.#everUsable ? failuresMax : 1)) return;
    this.#unfitUntilMs = nowMs + Math.min(pauseMs * 2 ** this.#times, 24 * 3_600_000);
    this.#times += 1;
  }
}
