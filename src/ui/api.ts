const root = new URL('api/v1', document.baseURI).pathname;

/** What the server answered instead of what was asked for. */
export class ApiError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

let signedOut: (refusal: ApiError) => void = () => undefined;

/** Calls back when the server does not know any more who is signed in. */
export function onSignedOut(listener: (refusal: ApiError) => void): void {
  signedOut = listener;
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
  if (!response.ok) throw await refusalOf(response);
  return (await response.json()) as Answer;
}

/**
 * Sends a file to be taken into the memory, and tells how far that has come: from 0 to 1, null where it is not known.
 * Throws an ApiError.
 */
export async function importFile<Outcome>(
  file: File,
  progress: (share: number | null) => void,
): Promise<Outcome> {
  const response = await fetch(`${root}/import?name=${encodeURIComponent(file.name)}`, {
    method: 'POST',
    headers: { 'X-MemoryOS': '1', 'Content-Type': 'application/octet-stream' },
    body: file,
  }).catch((error: unknown) => {
    throw new ApiError('OFFLINE', String(error));
  });
  if (!response.ok || response.body === null) throw await refusalOf(response);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw new ApiError('OFFLINE', String(error));
    });
    if (done) throw new ApiError('OFFLINE', 'The server went away. Import the file again to complete it.');
    const lines = (text + value).split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const said = JSON.parse(line) as {
        progress?: number | null;
        imported?: Outcome;
        error?: { code: string; message: string };
      };
      if (said.error !== undefined) throw new ApiError(said.error.code, said.error.message);
      if (said.imported !== undefined) return said.imported;
      progress(said.progress ?? null);
    }
  }
}

async function refusalOf(response: Response): Promise<ApiError> {
  const answer = (await response.json().catch(() => null)) as {
    error?: { code?: string; message?: string };
  } | null;
  const { code = 'FAILED', message = `The server answered ${response.status}.` } = answer?.error ?? {};
  const refusal = new ApiError(code, message);
  if (code === 'SIGN_IN') signedOut(refusal);
  return refusal;
}

export const exportAddress = `${root}/export`;
/** Goes on to the authorization server, and comes back. */
export const signInAddress = `${root}/session/oauth`;

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
