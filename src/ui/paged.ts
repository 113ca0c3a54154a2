import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type Change, call } from './api.js';
import { asApiError, useChanges } from './state.js';

const typingMs = 250;
const pageSize = 100;
/** The server's maximum. */
const pageSizeMax = 500;

/** A part of a list on the server. */
interface Piece<Item> {
  readonly items: readonly Item[];
  /** Number of items in the complete list. */
  readonly total: number;
  /** Where the next part begins; null at the end. */
  readonly next: string | null;
}

export interface Paged<Item> {
  /** The items loaded so far. */
  readonly items: readonly Item[];
  /** Null until the first part is loaded. */
  readonly total: number | null;
  /** Loads the next items; null when there are none. */
  readonly more: (() => void) | null;
  readonly problem: string | null;
  readonly reload: () => void;
}

/**
 * A list that is loaded part by part. When the memory changes, the loaded parts are loaded again, so that the
 * scroll position stays. `read` makes a part from an answer and must always be the same function.
 */
export function usePaged<Answer, Item>(
  path: string,
  parameters: URLSearchParams,
  read: (answer: Answer) => Piece<Item>,
  concerns: (change: Change) => boolean,
): Paged<Item> {
  const [shown, setShown] = useState<Piece<Item> | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const turn = useRef(0);
  const loading = useRef(false);
  const latest = useRef(shown);
  latest.current = shown;
  const query = parameters.toString();

  const load = useCallback(
    async (way: 'anew' | 'again' | 'on') => {
      if (way === 'on' && loading.current) return;
      const mine = way === 'on' ? turn.current : ++turn.current;
      loading.current = true;
      const before = way === 'anew' ? null : latest.current;
      const wanted = way === 'again' ? (before?.items.length ?? 0) : 0;
      const items = way === 'on' ? [...(before?.items ?? [])] : [];
      let after = way === 'on' ? (before?.next ?? null) : null;
      try {
        do {
          const left = Math.max(pageSize, wanted - items.length);
          const asked = new URLSearchParams(query);
          asked.set('limit', String(Math.min(pageSizeMax, left)));
          if (after !== null) asked.set('after', after);
          const piece = read(await call<Answer>('GET', `${path}?${asked}`));
          if (mine !== turn.current) return;
          for (const item of piece.items) items.push(item);
          after = piece.next;
          if (after === null || items.length >= wanted) {
            setShown({ items, total: piece.total, next: after });
            setProblem(null);
          }
        } while (after !== null && items.length < wanted);
      } catch (error) {
        if (mine === turn.current) setProblem(asApiError(error).message);
      } finally {
        if (mine === turn.current) loading.current = false;
      }
    },
    [path, query, read],
  );
  useEffect(() => {
    const timer = setTimeout(() => void load('anew'), latest.current === null ? 0 : typingMs);
    return () => clearTimeout(timer);
  }, [load]);
  const reload = useCallback(() => void load('again'), [load]);
  const more = useCallback(() => void load('on'), [load]);
  useChanges((change) => {
    if (concerns(change)) reload();
  });
  return {
    items: shown?.items ?? [],
    total: shown?.total ?? null,
    more: shown === null || shown.next === null ? null : more,
    problem,
    reload,
  };
}
