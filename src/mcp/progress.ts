import type { ServerContext } from '@modelcontextprotocol/server';

const everyMs = 1000;

/**
 * Tells a client that asked for it what a call is doing: at once at every new step, and every second while a
 * step lasts, so that clients whose timeout starts anew with progress keep waiting. Progress counts seconds.
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
      // A client that is gone needs no progress.
      request.notify({ method: 'notifications/progress', params }).catch(() => undefined);
    };
  }

  /** Begins a step. The message is for a person. */
  readonly step = (message: string): void => {
    if (this.#send === undefined) return;
    this.#message = message;
    this.#tell();
    this.#timer ??= setInterval(() => this.#tell(), everyMs).unref();
  };

  end(): void {
    clearInterval(this.#timer);
  }

  /** The protocol wants every value to be higher than the one before. */
  #tell(): void {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    this.#last = Math.max(Number(seconds.toFixed(3)), this.#last + 0.001);
    this.#send?.(this.#last, this.#message);
  }
}
