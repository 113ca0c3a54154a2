import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';

/** One page of a sorted list: the entries after the cursor, and the next cursor. */
export interface ListPage<T> {
  readonly entries: readonly T[];
  readonly nextCursor?: string;
}

/** For lists that fit one page and therefore never return a cursor. */
export function refuseCursor(cursor: string | undefined): void {
  if (cursor !== undefined) throw badCursor();
}

/**
 * A page of entries, sorted by a key that never changes. So entries added or removed between two pages do not
 * make others repeat or disappear. The cursor is opaque to clients.
 */
export function pageAfter<T>(
  sorted: readonly T[],
  keyOf: (entry: T) => string,
  cursor: string | undefined,
  entriesMax: number,
): ListPage<T> {
  const after = cursor === undefined ? '' : keyFrom(cursor);
  const rest = sorted.filter((entry) => keyOf(entry) > after);
  const entries = rest.slice(0, entriesMax);
  const last = entries.at(-1);
  if (last === undefined || entries.length === rest.length) return { entries };
  return { entries, nextCursor: Buffer.from(`after:${keyOf(last)}`).toString('base64url') };
}

function keyFrom(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  if (!text.startsWith('after:')) throw badCursor();
  return text.slice('after:'.length);
}

function badCursor(): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, 'This cursor is not from this server');
}
