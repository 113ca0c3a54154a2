/** Jobs in a row that a model may fail for what it answers, after it has done one; before that, one. */
const failuresMax = 3;

/**
 * Whether the model is of use. Each job that fails for what was answered has cost two answers, so a model that has
 * done none yet is not asked again for a while: the built-in analyser works at once. Shared by the memories that ask the
 * same model; forgotten with the process.
 */
export class ModelFitness {
  #everUsable = false;
  #failuresInARow = 0;
  #times = 0;
  #unfitUntilMs = 0;

  /** Milliseconds since 1970 until when the model is not asked; null while it is. */
  unfitUntilMs(nowMs: number): number | null {
    return this.#unfitUntilMs > nowMs ? this.#unfitUntilMs : null;
  }

  /** It did a job. */
  didWell(): void {
    this.#everUsable = true;
    this.#failuresInARow = 0;
    this.#times = 0;
  }

  /** It failed a job for what it answered. `pauseMs`: the first time it is left alone; each further time twice as long. */
  failed(nowMs: number, pauseMs: number): void {
    this.#failuresInARow += 1;
    if (this.#failuresInARow < (this.#everUsable ? failuresMax : 1)) return;
    this.#unfitUntilMs = nowMs + Math.min(pauseMs * 2 ** this.#times, 24 * 3_600_000);
    this.#times += 1;
  }
}
