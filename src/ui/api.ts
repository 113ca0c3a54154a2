const root = new URL('api/v1', document.baseURI).pathname;

/** What the server answered instead of what was asked for. */
export class ApiError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** Calls an operation of the API. Throws an ApiError; its code is `OFFLINE` when nobody answers. */
export async function call<Answer>(method: Method, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${root}${path}`, {
    method,
    headers: {
      ...(method !== 'GET' && { 'X-MemoryOS': '1' }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }).catch((error: unknown) => {
    throw new ApiError('OFFLINE', String(error));
  });
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer as Answer;
  const { code = 'FAILED', message = `The server answered ${response.status}.` } =
    (answer as { error?: { code?: string; message?: string } } | null)?.error ?? {};
  throw new ApiError(code, message);
}

export const exportAddress = `${root}/export`;

/** What of the memory has changed. */
export interface Change {
  readonly short_term: boolean;
  readonly mid_term: boolean;
  readonly long_term: boolean;
}

/** A browser gives up a stream that was refused; it is opened again after this. */
const reopenMs = 3000;

/** Tells of changes, also of other processes, and of the connection. Returns what ends it. */
export function watch(on: { change(change: Change): void; connected(is: boolean): void }): () => void {
  let source: EventSource;
  let reopening: ReturnType<typeof setTimeout> | undefined;
  let wasLost = false;
  const open = () => {
    source = new EventSource(`${root}/changes`);
    source.addEventListener('open', () => {
      on.connected(true);
      // While it was lost anything may have changed.
      if (wasLost) on.change({ short_term: true, mid_term: true, long_term: true });
      wasLost = false;
    });
    source.addEventListener('error', () => {
      wasLost = true;
      if (source.readyState === EventSource.CLOSED) reopening = setTimeout(open, reopenMs);
      on.connected(false);
    });
    source.addEventListener('change', (event) => on.change(JSON.parse(event.data) as Change));
  };
  open();
  return () => {
    clearTimeout(reopening);
    source.close();
  };
}
