import { useEffect, useState } from 'preact/hooks';
import { call } from './api.js';

/** A change of this session, and the call that undoes it. */
export interface Undo {
  readonly said: string;
  readonly method: 'PATCH' | 'POST';
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Latest last. Kept while the pages are open, also when another page is shown. */
const changes: Undo[] = [];
const listeners = new Set<() => void>();

export function noteChange(undo: Undo): void {
  changes.push(undo);
  for (const listener of listeners) listener();
}

/** Undoes the latest change. It is not offered again, even after a failure. Throws an ApiError. */
export async function takeBack(): Promise<void> {
  const latest = changes.pop();
  for (const listener of listeners) listener();
  if (latest !== undefined) await call(latest.method, latest.path, latest.body);
}

/** The latest change of this session that can be undone. */
export function useLatestChange(): Undo | null {
  const [latest, setLatest] = useState(changes.at(-1) ?? null);
  useEffect(() => {
    const follow = () => setLatest(changes.at(-1) ?? null);
    listeners.add(follow);
    follow();
    return () => void listeners.delete(follow);
  }, []);
  return latest;
}
