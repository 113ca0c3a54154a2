import type { Files } from '../../../lib/io/files.js';
import { type Layout, parseJournalName } from '../layout.js';

/** A position in the log of a user as text. */
export function positionAt(epoch: number, offset: number): string {
  return `${epoch}:${offset}`;
}

/** Where the log of a user ends, by names and sizes alone. Null when there is no log. */
export async function lookAtLog(files: Files, layout: Layout): Promise<string | null> {
  let last: { readonly epoch: number; readonly sealed: boolean } | null = null;
  for (const name of await files.list(layout.root)) {
    const journal = parseJournalName(name);
    if (journal !== null && journal.epoch > (last?.epoch ?? 0)) last = journal;
  }
  if (last === null) return null;
  const { epoch, sealed } = last;
  const status = await files.status(sealed ? layout.sealed(epoch) : layout.journal(epoch));
  // Sealed since it was listed: there is more to come.
  return positionAt(epoch, status?.size ?? -1);
}
