import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, type Change, call } from './api.js';
import { type PageName, pageNames } from './page-names.js';

/** The page that the address names, and its parameters. */
export function useAddress(): { page: PageName; parameters: URLSearchParams } {
  const read = () => {
    const [name, query = ''] = location.hash.replace(/^#\/?/, '').split('?', 2);
    const page = pageNames.find((known) => known === name) ?? 'overview';
    return { page, parameters: new URLSearchParams(query) };
  };
  const [address, setAddress] = useState(read);
  useEffect(() => {
    const follow = () => setAddress(read());
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return address;
}

const listeners = new Set<(change: Change) => void>();

/** Notifies all parts of the page that show changed data. */
export function announce(change: Change): void {
  for (const listener of listeners) listener(change);
}

export function useChanges(listener: (change: Change) => void): void {
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => {
    const tell = (change: Change) => latest.current(change);
    listeners.add(tell);
    return () => void listeners.delete(tell);
  }, []);
}

export interface Loaded<Answer> {
  readonly answer: Answer | null;
  readonly error: ApiError | null;
  readonly reload: () => void;
}

/**
 * The answer of an API operation, loaded again when the memory changes. The old answer stays visible until
 * then.
 */
export function useLoaded<Answer>(path: string): Loaded<Answer> {
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const turn = useRef(0);
  const reload = useCallback(() => {
    const mine = ++turn.current;
    call<Answer>('GET', path).then(
      (found) => {
        if (mine !== turn.current) return;
        setAnswer(found);
        setError(null);
      },
      (problem: unknown) => {
        if (mine === turn.current) setError(asApiError(problem));
      },
    );
  }, [path]);
  useEffect(reload, [reload]);
  useChanges(reload);
  return { answer, error, reload };
}

export function asApiError(problem: unknown): ApiError {
  return problem instanceof ApiError ? problem : new ApiError('FAILED', String(problem));
}
