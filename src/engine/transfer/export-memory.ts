import type { LoggedChange } from '../../model/change-log.js';
import { MemoryError } from '../../model/errors.js';
import type { Fact } from '../../model/knowledge.js';
import { purgeJob } from '../../model/operation.js';
import type { Page } from '../../model/page.js';
import type { Trait } from '../../model/profile.js';
import type { SegmentHead } from '../../model/segment.js';
import { listTombstones, type Tombstones } from '../../model/tombstones.js';
import {
  type TransferHeader,
  type TransferLine,
  type TransferRecord,
  transferKind,
  transferVersion,
} from '../../model/transfer.js';
import { pagesTotal, type UserState } from '../../model/user-state.js';
import type { UserStore } from '../../ports/memory-store.js';

/** A memory as it was at one moment, on its way out. */
export interface MemoryExport {
  readonly header: TransferHeader;
  /** To show progress by; not exact when pages are evicted meanwhile. */
  readonly pagesTotal: number;
  /** Header, records and end. Can be read once. */
  lines(): AsyncIterable<TransferHeader | TransferLine>;
}

/** Pages and facts are never changed in place, so holding on to the lists is holding on to the moment. */
interface Snapshot {
  readonly segments: readonly { readonly head: SegmentHead; readonly pages: readonly Page[] }[];
  readonly shortTerm: readonly Page[];
  readonly traits: readonly Trait[];
  readonly facts: readonly Fact[];
  readonly changes: readonly LoggedChange[];
  readonly tombstones: readonly Extract<TransferLine, { kind: 'tombstones' }>[];
}

export interface ExportOptions {
  /** Also where something was lost: of a memory that is about to be replaced. */
  readonly evenIncomplete?: boolean | undefined;
}

/**
 * Everything of one user as of now. Others may go on writing. What is in memory is not copied; the archive is
 * read from its file as the lines are. Throws STORE_…: STORE_CORRUPT where something was lost and nobody has accepted
 * it, and (reading the lines) where pages are missing that the state counts.
 */
export async function exportMemory(
  store: UserStore,
  nowMs: number,
  { evenIncomplete = false }: ExportOptions = {},
): Promise<MemoryExport> {
  await store.refresh();
  const { state } = store;
  if (state.losses.length > 0 && !evenIncomplete) {
    throw incomplete(store, state.losses.map(({ message }) => message).join(' '));
  }
  const snapshot = snapshotOf(state);
  const header: TransferHeader = {
    kind: transferKind,
    version: transferVersion,
    user_id: store.userId,
    exported_at: new Date(nowMs).toISOString(),
    last_migrated: state.lastMigrated,
    seq: store.seq,
    losses: state.losses.length,
  };
  const expected = pagesTotal(state);
  let isReduced = false;
  const cancel = store.subscribe((change) => {
    isReduced ||= change.kind === 'reloaded' || change.operations.some(({ op }) => op === 'archive_reduced');
  });
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
          await store.refresh();
          // Forgetting takes pages out of the archive first and counts them afterwards.
          if (isReduced || store.state.troubles.has(purgeJob)) throw busy();
          throw incomplete(store, `${expected - pages} of its ${expected} pages are not there.`);
        }
        yield { kind: 'end', lines };
      } finally {
        cancel();
      }
    },
  };
}

function incomplete({ userId }: UserStore, what: string): MemoryError {
  return new MemoryError(
    'STORE_CORRUPT',
    `The memory of ${userId} is not whole, so nothing was written: ${what} Look with "memoryos-mcp doctor"; restore a backup, or run "memoryos-mcp doctor --accept" to go on with what is left.`,
  );
}

function busy(): MemoryError {
  return new MemoryError(
    'CONFLICT',
    'Something was forgotten while the memory was being read; nothing was written. Try again.',
  );
}

function snapshotOf(state: UserState): Snapshot {
  return {
    segments: [...state.segments.values()].map(({ head, pages }) => ({ head, pages: [...pages] })),
    shortTerm: [...state.shortTerm],
    traits: [...state.profile.values()],
    facts: [...state.userKnowledge, ...[...state.assistantKnowledge.values()].flat()],
    changes: [...state.changes],
    tombstones: [...tombstoneLines(state.tombstones)],
  };
}

const hashesPerLine = 1000;

function* tombstoneLines(tombstones: Tombstones): Iterable<Extract<TransferLine, { kind: 'tombstones' }>> {
  for (const { key, until, hashes } of listTombstones(tombstones)) {
    for (let from = 0; from < hashes.length; from += hashesPerLine) {
      yield { kind: 'tombstones', key, until, hashes: hashes.slice(from, from + hashesPerLine) };
    }
  }
}

async function* recordsOf(snapshot: Snapshot, store: UserStore): AsyncIterable<TransferRecord> {
  const seen = new Set<string>();
  for (const { head, pages } of snapshot.segments) {
    yield { kind: 'segment', archived: false, segment: head };
    for (const page of pages) {
      seen.add(page.id);
      yield { kind: 'page', segment_id: head.id, page };
    }
  }
  for (const page of snapshot.shortTerm) {
    seen.add(page.id);
    yield { kind: 'page', segment_id: null, page };
  }
  for (const trait of snapshot.traits) yield { kind: 'trait', trait };
  for (const fact of snapshot.facts) {
    seen.add(fact.id);
    yield { kind: 'fact', archived: false, fact };
  }
  for (const change of snapshot.changes) yield { kind: 'change', change };
  // What left for the archive since the snapshot was taken has been told already, at the place it had then.
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
  // Last, so that what was stated anew after it had been forgotten is taken in where this is imported.
  yield* snapshot.tombstones;
}
