import { MemoryError } from '../../model/errors.js';
import type { SegmentId } from '../../model/ids.js';
import { everyFact } from '../../model/knowledge.js';
import type { Page } from '../../model/page.js';
import { listTombstones, type Tombstones } from '../../model/tombstones.js';
import {
  type TransferHeader,
  type TransferLine,
  type TransferRecord,
  transferKind,
  transferVersion,
} from '../../model/transfer.js';
import type { Need, Slices, StoredMemory } from '../../ports/store.js';

/** A snapshot of a memory that is being exported. */
export interface MemoryExport {
  readonly header: TransferHeader;
  /** For progress; inexact when pages are evicted meanwhile. */
  readonly pagesTotal: number;
  /** Header, records and end. Can be read only once. */
  lines(): AsyncIterable<TransferHeader | TransferLine>;
}

const needOfExport = {
  counts: true,
  everyPage: true,
  heads: 'all',
  facts: 'all',
  profile: true,
  changes: true,
  tombstones: true,
  losses: true,
  lastMigrated: true,
} as const satisfies Need;

/** A memory as it was at one moment. */
type Snapshot = Pick<Slices, keyof typeof needOfExport>;

export interface ExportOptions {
  /** Also exports a memory with losses; used before it is replaced. */
  readonly evenIncomplete?: boolean | undefined;
}

/**
 * Exports everything of one user as of now. Others may continue writing. The archive is read together with
 * the lines. Throws STORE_…; STORE_CORRUPT when there are losses that nobody has accepted, and (while reading
 * the lines) when counted pages are missing.
 */
export async function exportMemory(
  store: StoredMemory,
  nowMs: number,
  { evenIncomplete = false }: ExportOptions = {},
): Promise<MemoryExport> {
  let isReduced = false;
  const cancel = store.subscribe((change) => {
    isReduced ||= change.kind === 'reloaded' || change.operations.some(({ op }) => op === 'archive_reduced');
  });
  const snapshot = await store.read(needOfExport).catch((error: unknown) => {
    cancel();
    throw error;
  });
  const { losses, counts } = snapshot;
  if (losses.length > 0 && !evenIncomplete) {
    cancel();
    throw incomplete(store, losses.map(({ message }) => message).join(' '));
  }
  const header: TransferHeader = {
    kind: transferKind,
    version: transferVersion,
    user_id: store.userId,
    exported_at: new Date(nowMs).toISOString(),
    last_migrated: snapshot.lastMigrated.id,
    seq: counts.seq,
    losses: losses.length,
  };
  const expected = counts.shortTerm + counts.midTerm + counts.archivedPages;
  return {
    header,
    pagesTotal: expected,
    async *lines() {
      try {
        yield header;
        let lines = 1;
        let pages = 0;
        for await (const record of recordsOf(snapshot, store)) {
          yield record;
          lines += 1;
          if (record.kind === 'page') pages += 1;
        }
        if (pages < expected && !evenIncomplete) {
          const { purging } = await store.read({ purging: true });
          // A purge first removes pages from the archive and then updates the counts.
          if (isReduced || purging) throw busy();
          throw incomplete(store, `${expected - pages} of its ${expected} pages are missing.`);
        }
        yield { kind: 'end', lines };
      } finally {
        cancel();
      }
    },
  };
}

function incomplete({ userId }: StoredMemory, what: string): MemoryError {
  return new MemoryError(
    'STORE_CORRUPT',
    `The memory of ${userId} is incomplete, so nothing was written: ${what} Check it with "memoryos-mcp doctor". Restore a backup, or run "memoryos-mcp doctor --accept" to continue with what is left.`,
  );
}

function busy(): MemoryError {
  return new MemoryError(
    'CONFLICT',
    'Something was forgotten while the memory was being read; nothing was written. Try again.',
  );
}

const hashesPerLine = 1000;

function* tombstoneLines(tombstones: Tombstones): Iterable<Extract<TransferLine, { kind: 'tombstones' }>> {
  for (const { key, until, hashes } of listTombstones(tombstones)) {
    for (let from = 0; from < hashes.length; from += hashesPerLine) {
      yield { kind: 'tombstones', key, until, hashes: hashes.slice(from, from + hashesPerLine) };
    }
  }
}

async function* recordsOf(snapshot: Snapshot, store: StoredMemory): AsyncIterable<TransferRecord> {
  const seen = new Set<string>();
  const pagesOf = new Map<SegmentId | null, Page[]>();
  for (const { page, segmentId } of snapshot.everyPage) {
    const pages = pagesOf.get(segmentId);
    if (pages === undefined) pagesOf.set(segmentId, [page]);
    else pages.push(page);
  }
  for (const { head } of snapshot.heads.values()) {
    yield { kind: 'segment', archived: false, segment: head };
    for (const page of pagesOf.get(head.id) ?? []) {
      seen.add(page.id);
      yield { kind: 'page', segment_id: head.id, page };
    }
  }
  for (const page of pagesOf.get(null) ?? []) {
    seen.add(page.id);
    yield { kind: 'page', segment_id: null, page };
  }
  for (const trait of snapshot.profile.values()) yield { kind: 'trait', trait };
  for (const fact of everyFact(snapshot.facts)) {
    seen.add(fact.id);
    yield { kind: 'fact', archived: false, fact };
  }
  for (const change of snapshot.changes) yield { kind: 'change', change };
  // What moved to the archive after the snapshot has already been exported at its old place.
  for await (const entry of store.readArchive()) {
    if (entry.kind === 'fact') {
      if (!seen.has(entry.fact.id)) yield { kind: 'fact', archived: true, fact: entry.fact };
      continue;
    }
    const pages = entry.pages.filter((page) => !seen.has(page.id));
    if (pages.length === 0) continue;
    yield { kind: 'segment', archived: true, segment: entry.head };
    for (const page of pages) yield { kind: 'page', segment_id: entry.head.id, page };
  }
  // Last, so that content stated again after it had been forgotten is imported.
  yield* tombstoneLines(snapshot.tombstones);
}
