/** Limits of one HTTP exchange. */
export interface AnswerLimits {
  /** Time from the request to the first byte, which a model sends when it begins to answer. */
  readonly firstByteMs: number;
  /** Time between two pieces of the answer. */
  readonly stallMs: number;
  readonly totalMs: number;
  /** Size of the answer's body, decompressed. */
  readonly bytesMax: number;
}

/** The answer did not begin in time, or stopped coming. */
export class AnswerTooSlow extends Error {
  override readonly name = 'AnswerTooSlow';
}

/** The answer was not complete within the total time. */
export class AnswerUnfinished extends Error {
  override readonly name = 'AnswerUnfinished';
}

/** The answer exceeded the size limit; the rest was not read. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';
}

/**
 * A `fetch` that cannot hang or fill the memory. It aborts answers that do not arrive, stop arriving, or do
 * not end. The `openai` package's own timeout covers only the headers.
 */
export function guardedFetch(limits: AnswerLimits): typeof fetch {
  return async (input, init) => {
    const controller = new AbortController();
    const outer = init?.signal;
    const cancel = () => controller.abort(outer?.reason);
    const giveUp = (why: string) => controller.abort(new AnswerTooSlow(why));
    const unfinished = `the answer was not complete after ${seconds(limits.totalMs)}`;
    if (outer?.aborted === true) cancel();
    outer?.addEventListener('abort', cancel, { once: true });
    const total = setTimeout(() => controller.abort(new AnswerUnfinished(unfinished)), limits.totalMs);
    const first = setTimeout(
      () => giveUp(`no data arrived within ${seconds(limits.firstByteMs)}`),
      limits.firstByteMs,
    );
    const done = () => {
      clearTimeout(total);
      outer?.removeEventListener('abort', cancel);
    };
    try {
      const response = await fetch(input, { ...init, signal: controller.signal });
      clearTimeout(first);
      if (response.body === null) {
        done();
        return response;
      }
      const { status, statusText, headers } = response;
      const body = boundedBody(response.body, limits, giveUp, done);
      return new Response(body, { status, statusText, headers });
    } catch (error) {
      clearTimeout(first);
      done();
      throw error;
    }
  };
}

function boundedBody(
  body: ReadableStream<Uint8Array>,
  limits: AnswerLimits,
  giveUp: (why: string) => void,
  done: () => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let bytes = 0;
  return new ReadableStream({
    async pull(controller) {
      const stall = setTimeout(
        () => giveUp(`the answer stopped for ${seconds(limits.stallMs)}`),
        limits.stallMs,
      );
      try {
        const piece = await reader.read();
        if (piece.done) {
          done();
          controller.close();
          return;
        }
        bytes += piece.value.byteLength;
        if (bytes > limits.bytesMax) {
          done();
          void reader.cancel().catch(() => undefined);
          controller.error(new AnswerTooLarge(`the answer is longer than ${limits.bytesMax} bytes`));
          return;
        }
        controller.enqueue(piece.value);
      } catch (error) {
        done();
        controller.error(error);
      } finally {
        clearTimeout(stall);
      }
    },
    async cancel(reason) {
      done();
      await reader.cancel(reason);
    },
  });
}

const seconds = (ms: number) => `${Math.round(ms / 100) / 10} s`;
