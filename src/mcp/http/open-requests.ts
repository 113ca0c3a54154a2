import type { ServerResponse } from 'node:http';

/** The requests that are not answered yet. */
export class OpenRequests {
  readonly #responses = new Set<ServerResponse>();
  readonly #waiting: (() => void)[] = [];

  add(response: ServerResponse): void {
    this.#responses.add(response);
    response.once('close', () => this.leave(response));
  }

  /** Stops waiting for this request: it was answered, or it continues until the client or the server ends it. */
  leave(response: ServerResponse): void {
    if (!this.#responses.delete(response) || this.#responses.size > 0) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Resolves when no request is left, or after this many milliseconds. */
  async over(withinMs: number): Promise<void> {
    if (this.#responses.size === 0) return;
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, withinMs);
      this.#waiting.push(() => {
        clearTimeout(late);
        resolve();
      });
    });
  }
}
