import { MemoryError } from '../../model/errors.js';
import type { PageId, SegmentId } from '../../model/ids.js';
import type { Operation } from '../../model/operation.js';
import type { Page } from '../../model/page.js';
import type { SegmentHead } from '../../model/segment.js';
import type { TransferHeader, TransferLine } from '../../model/transfer.js';
import type { StoredMemory } from '../../ports/store.js';
import { clearMemory } from './clear-memory.js';
import { exportMemory } from './export-memory.js';
import { contentOf, differenceOf, type MemoryContent, ownOf } from './memory-content.js';

/** Approximate size of a transaction. */
const pagesPerBatch = 256;
const charactersPerBatch = 1024 * 1024;
const recordsPerBatch = 1024;

export interface CopyOptions {
  readonly onPages?: ((pages: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Copied {
  /** `same`: the target already had everything. */
  readonly outcome: 'copied' | 'same';
  /** The content of the target, read back. */
  readonly content: MemoryContent;
}

/**
 * Makes a memory an exact copy of another: every tier with the archive, histories, forgotten content and
 * failures of analysis. The source is not written. An interrupted copy is continued; one that is older than
 * its source is rebuilt. At the end, everything is read back and compared. Throws INPUT_INVALID (the target
 * has content of its own), STORE_CORRUPT (the copy differs), CANCELLED, STORE_….
 */
export async function copyMemory(
  source: StoredMemory,
  target: StoredMemory,
  options: CopyOptions = {},
): Promise<Copied> {
  let wanted = await contentOf(source);
  let found = await contentOf(target);
  if (differenceOf(wanted, found) === null) return { outcome: 'same', content: wanted };
  checkFree(target, found, wanted);
  // Keeps others from working on an incomplete memory. If another process does so, the comparison detects it.
  const claim = await target.claimWork();
  try {
    for (const isAnew of [false, true]) {
      if (isAnew) {
        wanted = await contentOf(source);
        checkFree(target, found, wanted);
        await clearMemory(target, found.ids);
        found = await contentOf(target);
      }
      await carryOver(source, target, found, options);
      found = await contentOf(target);
      if (differenceOf(wanted, found) === null) return { outcome: 'copied', content: wanted };
    }
  } finally {
    await claim?.release(0);
  }
  throw new MemoryError(
    'STORE_CORRUPT',
    `The copy of the memory of ${source.userId} differs from its source: ${differenceOf(wanted, found)}. A server may have changed one of them. Stop such servers, then run the command again.`,
  );
}

/** Throws INPUT_INVALID when copying would remove content that exists only in the target. */
export function checkFree(target: StoredMemory, found: MemoryContent, wanted: MemoryContent): void {
  const own = ownOf(found, wanted);
  if (own === 0) return;
  throw new MemoryError(
    'INPUT_INVALID',
    `The target has a memory of ${target.userId} with ${own} pages and facts that the source does not have. Nothing was changed. Use an empty target, or merge the two memories with export and import.`,
  );
}

/** Adds what the target lacks. */
async function carryOver(
  source: StoredMemory,
  target: StoredMemory,
  there: MemoryContent,
  options: CopyOptions,
): Promise<void> {
  const exported = await exportMemory(source, 0);
  const lines = new LineWriter(target, there, exported.header.last_migrated, options);
  for await (const line of exported.lines()) await lines.write(line);
  await lines.finish();
  const { troubles } = await source.read({ troubles: true });
  await target.transact({ troubles: true }, (known) => [
    ...[...known.troubles.keys()].flatMap((job): Operation[] =>
      troubles.has(job) ? [] : [{ op: 'analysis_recovered', job }],
    ),
    ...[...troubles.values()].map((trouble): Operation => ({ op: 'analysis_failed', trouble })),
  ]);
}

/** Writes the lines of an export into a memory, in batches, except what the memory has already. */
class LineWriter {
  readonly #target: StoredMemory;
  readonly #there: MemoryContent;
  readonly #lastMigrated: PageId | null;
  readonly #options: CopyOptions;
  #operations: Operation[] = [];
  /** Pages and characters of the batch. */
  #pages = 0;
  #characters = 0;
  #pagesDone = 0;
  /** The archived segment that is being read. It is added and evicted in one transaction. */
  #archived: { readonly head: SegmentHead; readonly pages: Page[] } | null = null;

  constructor(target: StoredMemory, there: MemoryContent, lastMigrated: PageId | null, options: CopyOptions) {
    this.#target = target;
    this.#there = there;
    this.#lastMigrated = lastMigrated;
    this.#options = options;
  }

  async write(line: TransferHeader | TransferLine): Promise<void> {
    if (line.kind === 'page' && line.segment_id !== null && this.#archived !== null) {
      this.#archived.pages.push(line.page);
      return;
    }
    this.#addArchived();
    const isFull =
      this.#pages >= pagesPerBatch ||
      this.#characters >= charactersPerBatch ||
      this.#operations.length >= recordsPerBatch;
    if (isFull) await this.#send();
    this.#add(line);
  }

  async finish(): Promise<void> {
    this.#addArchived();
    await this.#send();
  }

  #add(line: TransferHeader | TransferLine): void {
    switch (line.kind) {
      case 'segment':
        if (line.archived) this.#archived = { head: line.segment, pages: [] };
        else this.#operations.push({ op: 'segment_put', head: line.segment });
        break;
      case 'page':
        this.#addPage(line.page, line.segment_id);
        break;
      case 'trait':
        this.#operations.push({ op: 'trait_put', trait: line.trait });
        break;
      case 'fact':
        this.#addFact(line);
        break;
      case 'change':
        this.#operations.push({ op: 'change_logged', change: line.change });
        break;
      case 'tombstones': {
        const { key, until, hashes } = line;
        this.#operations.push({ op: 'tombstones_put', key, until, hashes });
        break;
      }
      case 'memoryos-export':
      case 'end':
        break;
      default:
        line satisfies never;
    }
  }

  #addPage(page: Page, segmentId: SegmentId | null): void {
    this.#pages += 1;
    if (this.#there.ids.has(page.id)) return;
    this.#characters += page.user_input.length + page.agent_response.length;
    this.#operations.push(...adding(page, segmentId, page.id === this.#lastMigrated));
  }

  #addFact({ fact, archived }: Extract<TransferLine, { kind: 'fact' }>): void {
    if (archived && this.#there.archived.has(fact.id)) return;
    this.#operations.push({ op: 'fact_put', fact });
    if (!archived) return;
    const { id, assistant_id } = fact;
    this.#operations.push({ op: 'fact_removed', fact_id: id, assistant_id, reason: 'capacity' });
  }

  #addArchived(): void {
    if (this.#archived === null) return;
    const { head, pages } = this.#archived;
    this.#archived = null;
    if (pages.every(({ id }) => this.#there.archived.has(id))) {
      this.#pages += pages.length;
      return;
    }
    this.#operations.push({ op: 'segment_put', head });
    for (const page of pages) this.#addPage(page, head.id);
    this.#operations.push({ op: 'segment_archived', segment_id: head.id });
  }

  async #send(): Promise<void> {
    if (this.#options.signal?.aborted === true) {
      throw new MemoryError('CANCELLED', 'The transfer was interrupted. Run it again to continue it.');
    }
    const batch = this.#operations;
    if (batch.length > 0) await this.#target.transact({}, () => batch);
    this.#pagesDone += this.#pages;
    this.#options.onPages?.(this.#pagesDone);
    this.#operations = [];
    this.#pages = 0;
    this.#characters = 0;
  }
}

/**
 * The page that migrated last passes through short-term memory, so that the next page can continue its chain.
 */
function adding(
  page: Page,
  segmentId: Extract<TransferLine, { kind: 'page' }>['segment_id'],
  isLastMigrated: boolean,
): Operation[] {
  if (!isLastMigrated || segmentId === null || page.chain_id === null) {
    return [{ op: 'page_added', page, segment_id: segmentId }];
  }
  const { id: page_id, chain_id, meta_info } = page;
  return [
    { op: 'page_added', page, segment_id: null },
    { op: 'page_migrated', page_id, segment_id: segmentId, chain_id, meta_info },
  ];
}
