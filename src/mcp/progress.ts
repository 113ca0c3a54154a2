import type { ServerContext } from '@modelcontextprotocol/server';

const everyMs = 1000;

/**
 * Reports progress to a client that asked for it: at every new step, and every second while a step lasts.
 * Clients that restart their timeout with each report keep waiting. The progress value counts seconds.
 */
export class Progress {
  readonly #send: ((progress: number, message: string) => void) | undefined;
  readonly #startedAt = performance.now();
  #message = '';
  #last = -1;
  #timer: NodeJS.Timeout | undefined;

  constructor(request: ServerContext['mcpReq']) {
    const progressToken = request._meta?.progressToken;
    if (progressToken === undefined) return;
    this.#send = (progress, message) => {
      const params = { progressToken, progress, message };
      // When the client is gone, the progress is not needed.
      request.notify({ method: 'notifications/progress', params }).catch(() => undefined);
    };
  }

  /** Starts a step. The message is for a person. */
  readonly step = (message: string): void => {
    if (this.#send === undefined) return;
    this.#message = message;
    this.#tell();
    this.#timer ??= setInterval(() => this.#tell(), everyMs).unref();
  };

  end(): void {
    clearInterval(this.#timer);
  }

  /** The protocol requires every value to be higher than the previous one. */
  #tell(): void {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    this.#last = Math.max(Number(seconds.toFixed(3)), this.#last + 0.001);
    this.#send?.(this.#last, this.#message);
  }
}
