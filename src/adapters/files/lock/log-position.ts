import type { Files } from '../../../lib/io/files.js';
import { type Layout, parseJournalName } from '../layout.js';

/** Formats a position in a user's log as text. */
export function positionAt(epoch: number, offset: number): string {
  return `${epoch}:${offset}`;
}

/** Finds the end of a user's log from file names and sizes only. Null when there is no log. */
export async function endOfLog(files: Files, layout: Layout): Promise<string | null> {
  let last: { readonly epoch: number; readonly sealed: boolean } | null = null;
  for (const name of await files.list(layout.root)) {
    const journal = parseJournalName(name);
    if (journal !== null && journal.epoch > (last?.epoch ?? 0)) last = journal;
  }
  if (last === null) return null;
  const { epoch, sealed } = last;
  const status = await files.status(sealed ? layout.sealed(epoch) : layout.journal(epoch));
  // The log was sealed after it was listed, so more will follow.
  return positionAt(epoch, status?.size ?? -1);
}
