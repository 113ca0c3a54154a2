/** Bounds of one HTTP exchange. */
export interface AnswerLimits {
  /** From the request to the first byte of the answer, which a model sends when it has begun to write. */
  readonly firstByteMs: number;
  /** Between two pieces of the answer. */
  readonly stallMs: number;
  readonly totalMs: number;
  /** Of the answer's body, decompressed. */
  readonly bytesMax: number;
}

/** The endpoint took longer than a limit allows. */
export class AnswerTooSlow extends Error {
  override readonly name = 'AnswerTooSlow';
}

/** The endpoint sent more than anyone needs; the rest was not read. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';
}

/**
 * `fetch` that cannot hang or fill the memory: it gives up on answers that do not come, stop coming or do not
 * end. The `openai` package's own timeout ends with the headers.
 */
export function guardedFetch(limits: AnswerLimits): typeof fetch {
  return async (input, init) => {
    const controller = new AbortController();
    const outer = init?.signal;
    const cancel = () => controller.abort(outer?.reason);
    const giveUp = (why: string) => controller.abort(new AnswerTooSlow(why));
    if (outer?.aborted === true) cancel();
    outer?.addEventListener('abort', cancel, { once: true });
    const total = setTimeout(() => giveUp(`the answer took over ${seconds(limits.totalMs)}`), limits.totalMs);
    const first = setTimeout(
      () => giveUp(`nothing came within ${seconds(limits.firstByteMs)}`),
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
