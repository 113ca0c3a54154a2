type Kind = 'add' | 'retrieve';

/** Durations and errors of calls. */
export class Figures {
  readonly problems: string[] = [];
  readonly #durations: Record<Kind, number[]> = { add: [], retrieve: [] };
  readonly #startedAt = performance.now();
  #endedAt = 0;

  async time(kind: Kind, call: () => Promise<string | null>): Promise<void> {
    const from = performance.now();
    const problem = await call().catch((error: unknown) => String(error));
    this.#durations[kind].push(performance.now() - from);
    if (problem !== null) this.problems.push(`${kind}: ${problem}`);
  }

  end(): void {
    this.#endedAt = performance.now();
  }

  get calls(): number {
    return this.#durations.add.length + this.#durations.retrieve.length;
  }

  row(): Record<string, number> {
    const { add, retrieve } = this.#durations;
    const { calls } = this;
    return {
      calls,
      'requests/s': Math.round((calls * 10_000) / (this.#endedAt - this.#startedAt)) / 10,
      'add p50 ms': quantile(add, 0.5),
      'add p99 ms': quantile(add, 0.99),
      'retrieve p50 ms': quantile(retrieve, 0.5),
      'retrieve p99 ms': quantile(retrieve, 0.99),
      errors: this.problems.length,
    };
  }
}

function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const found = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return Math.round(found * 10) / 10;
}
