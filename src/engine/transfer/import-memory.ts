import { MemoryError } from '../../model/errors.js';
import type { ChainId } from '../../model/ids.js';
import { everyFact } from '../../model/knowledge.js';
import type { TransferHeader, TransferRecord } from '../../model/transfer.js';
import type { StoredMemory } from '../../ports/store.js';
import type { Redactor } from '../redactor.js';
import { type Batch, type ImportCounts, type Known, needOfBatch, planBatch } from './import-batch.js';
import { ForgottenFilter } from './leave-out-forgotten.js';
import type { NumberedRecord } from './read-records.js';

/** Size of a transaction, chosen so that others wait only milliseconds. */
const pagesPerBatch = 256;
const charactersPerBatch = 1024 * 1024;
const recordsPerBatch = 1024;

export interface ImportOptions {
  /** True: checks and counts, but changes nothing. */
  readonly dryRun?: boolean | undefined;
  /** Filters what must not be stored; absent: texts are stored unchanged. */
  readonly redactor?: Redactor | undefined;
  /** Also imports what this memory has forgotten. */
  readonly includeForgotten?: boolean | undefined;
  /**
   * Dialogue chains that lose a forgotten page; filled while reading. A dry run passes them to the import
   * itself, so that summaries before the page in the stream are skipped, too.
   */
  readonly brokenChains?: Set<ChainId> | undefined;
  readonly onProgress?: ((counts: Readonly<ImportCounts>) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Imports records into a memory, which may have content and be in use. Records with a known id are left
 * unchanged, so running an interrupted import again completes it, and importing twice changes nothing.
 * Forgotten content is skipped and counted. Throws errors of reading, STORE_…, CANCELLED; what was imported
 * before an error stays.
 */
export async function importMemory(
  store: StoredMemory,
  header: Pick<TransferHeader, 'last_migrated'>,
  records: AsyncIterable<NumberedRecord>,
  options: ImportOptions = {},
): Promise<ImportCounts> {
  const counts: ImportCounts = { pages: 0, segments: 0, facts: 0, traits: 0, known: 0, forgotten: 0 };
  const { known, upToDate, cancel } = await watchKnown(store);
  const take = async (batch: Batch) => {
    if (options.signal?.aborted === true) {
      throw new MemoryError('CANCELLED', 'The import was interrupted. Run it again to complete it.');
    }
    await upToDate();
    const need = needOfBatch(batch);
    let taken = planBatch(await store.read(need), known, batch, header.last_migrated);
    if (options.dryRun === true) {
      for (const id of taken.ids) known.ids.add(id);
    } else {
      await store.transact(need, (stored) => {
        taken = planBatch(stored, known, batch, header.last_migrated);
        return taken.operations;
      });
    }
    for (const kind of ['pages', 'segments', 'facts', 'traits', 'known'] as const) {
      counts[kind] += taken.counts[kind];
    }
    options.onProgress?.(counts);
  };
  try {
    const { tombstones } = await store.read({ tombstones: true });
    const filter = new ForgottenFilter(tombstones, options.brokenChains ?? new Set());
    const kept = options.redactor === undefined ? records : keptRecords(records, options.redactor);
    const taken = options.includeForgotten === true ? kept : filter.apply(kept);
    for await (const batch of batchesOf(taken)) {
      await take(batch);
      counts.forgotten = filter.leftOut;
    }
    counts.forgotten = filter.leftOut;
  } finally {
    cancel();
  }
  return counts;
}

async function* keptRecords(
  records: AsyncIterable<NumberedRecord>,
  redactor: Redactor,
): AsyncIterable<NumberedRecord> {
  for await (const { line, record } of records) yield { line, record: await redactor.record(record) };
}

/**
 * The ids in the memory, kept up to date with other writers, so that nothing is imported twice, even when a
 * page moves from a segment to the archive meanwhile.
 */
async function watchKnown(store: StoredMemory) {
  const known: Known = { ids: new Set(), archived: new Set() };
  let isBehind = true;
  const cancel = store.subscribe((change) => {
    if (change.kind === 'reloaded') {
      isBehind = true;
      return;
    }
    for (const operation of change.operations) {
      if (operation.op === 'page_added') known.ids.add(operation.page.id);
      if (operation.op === 'fact_put') known.ids.add(operation.fact.id);
      if (operation.op === 'segment_archived') known.archived.add(operation.segment_id);
      if (operation.op === 'page_forgotten') known.ids.delete(operation.page_id);
      if (operation.op === 'fact_removed' && operation.reason === 'forgotten') {
        known.ids.delete(operation.fact_id);
      }
    }
  });
  /** Ids of pages and facts in the tiers. */
  const upToDate = async () => {
    if (!isBehind) return;
    isBehind = false;
    const { pageIds, facts } = await store.read({ pageIds: 'all', facts: 'all' });
    for (const id of pageIds) known.ids.add(id);
    for (const fact of everyFact(facts)) known.ids.add(fact.id);
  };
  await upToDate();
  for await (const entry of store.readArchive()) {
    if (entry.kind === 'fact') known.ids.add(entry.fact.id);
    else {
      known.archived.add(entry.head.id);
      for (const page of entry.pages) known.ids.add(page.id);
    }
  }
  return { known, upToDate, cancel };
}

/**
 * Divides the stream into transactions. An archived segment is never divided, because it is added and evicted
 * in one transaction.
 */
async function* batchesOf(records: AsyncIterable<NumberedRecord>): AsyncIterable<Batch> {
  let batch: TransferRecord[] = [];
  let segment: Batch['continued'] = null;
  let from: Batch['continued'] = null;
  let pages = 0;
  let characters = 0;
  for await (const { record } of records) {
    const inside = record.kind === 'page' && record.segment_id !== null;
    const full =
      pages >= pagesPerBatch || characters >= charactersPerBatch || batch.length >= recordsPerBatch;
    if (full && !(inside && segment?.archived === true)) {
      yield { records: batch, continued: from };
      batch = [];
      from = inside ? segment : null;
      pages = 0;
      characters = 0;
    }
    if (record.kind === 'segment') segment = record;
    if (record.kind === 'page') {
      pages += 1;
      characters += record.page.user_input.length + record.page.agent_response.length;
    }
    batch.push(record);
  }
  if (batch.length > 0) yield { records: batch, continued: from };
}
