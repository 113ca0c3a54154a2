const root = new URL('api/v1', document.baseURI).pathname;

/** An error that the server answered. */
export class ApiError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

let signedOut: (refusal: ApiError) => void = () => undefined;

/** Calls the listener when the server no longer accepts the session. */
export function onSignedOut(listener: (refusal: ApiError) => void): void {
  signedOut = listener;
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/**
 * Calls an operation of the API. Throws an ApiError; its code is `OFFLINE` when the server does not answer.
 */
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

/** Sends a file for import, and reports progress from 0 to 1, null when unknown. Throws an ApiError. */
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
    if (done)
      throw new ApiError(
        'OFFLINE',
        'The connection to the server was lost. Import the file again to complete the import.',
      );
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
/** Redirects to the authorization server, which redirects back to the pages. */
export const signInAddress = `${root}/session/oauth`;

/** The parts of the memory that have changed. */
export interface Change {
  readonly short_term: boolean;
  readonly mid_term: boolean;
  readonly long_term: boolean;
}

/** A browser does not reopen a stream that was refused, so it is reopened after this time. */
const reopenMs = 3000;

/**
 * Reports changes, also by other processes, and the state of the connection. Returns a function that stops.
 */
export function watch(on: { change(change: Change): void; connected(is: boolean): void }): () => void {
  let source: EventSource;
  let reopening: ReturnType<typeof setTimeout> | undefined;
  let wasLost = false;
  const open = () => {
    source = new EventSource(`${root}/changes`);
    source.addEventListener('open', () => {
      on.connected(true);
      // Anything may have changed while the connection was lost.
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
