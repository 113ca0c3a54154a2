import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type Change, call } from './api.js';
import { asApiError, useChanges } from './state.js';

const typingMs = 250;
const pageSize = 100;
/** As many as the server gives at once. */
const pageSizeMax = 500;

/** A piece of a list that the server keeps. */
interface Piece<Item> {
  readonly items: readonly Item[];
  /** How many there are in the whole list. */
  readonly total: number;
  /** What to ask for the following piece with; null at the end. */
  readonly next: string | null;
}

export interface Paged<Item> {
  /** As far as they were loaded. */
  readonly items: readonly Item[];
  /** Null until the first piece is here. */
  readonly total: number | null;
  /** Loads the following ones; null where there are none. */
  readonly more: (() => void) | null;
  readonly problem: string | null;
  readonly reload: () => void;
}

/**
 * A list, loaded piece by piece. When the memory changes it is loaded again as far as it was, so that whoever has
 * scrolled stays there. `read` makes a piece of an answer, and is always the same function.
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
