import { keyOfChange, type LoggedChange } from '../../model/change-log.js';
import { newSegmentId, type PageId, type SegmentId } from '../../model/ids.js';
import { everyFact, type Fact, type KnownFacts } from '../../model/knowledge.js';
import type { Operation } from '../../model/operation.js';
import type { Page } from '../../model/page.js';
import { type Trait, traitKey } from '../../model/profile.js';
import type { SegmentHead } from '../../model/segment.js';
import type { TransferRecord } from '../../model/transfer.js';
import type { Need, Slices } from '../../ports/store.js';

export interface ImportCounts {
  pages: number;
  segments: number;
  facts: number;
  traits: number;
  /** Records that existed already, in this or a newer form, and were left unchanged. */
  known: number;
  /** Pages, facts and traits skipped because this memory has forgotten them. */
  forgotten: number;
}

type SegmentRecord = Extract<TransferRecord, { kind: 'segment' }>;

/** Records that are imported together. */
export interface Batch {
  readonly records: readonly TransferRecord[];
  /** The segment of the first pages, when its record was in the previous batch. */
  readonly continued: SegmentRecord | null;
}

/** What a memory contains, including the archive. */
export interface Known {
  /** Ids of pages and facts. */
  readonly ids: Set<string>;
  /** Ids of segments in the archive. */
  readonly archived: Set<string>;
}

export interface BatchPlan {
  readonly operations: readonly Operation[];
  readonly ids: readonly string[];
  readonly counts: Readonly<ImportCounts>;
}

/** What {@link planBatch} needs to read in addition to the ids. */
export function needOfBatch({ records, continued }: Batch) {
  const segments = records.flatMap((record) => (record.kind === 'segment' ? [record.segment.id] : []));
  return {
    pageIds: records.flatMap((record) => (record.kind === 'page' ? [record.page.id] : [])),
    heads: [...segments, ...(continued === null ? [] : [continued.segment.id])],
    facts: 'all',
    profile: true,
    changes: true,
    tombstones: true,
    lastMigrated: true,
  } as const satisfies Need;
}

type Stored = Pick<Slices, keyof ReturnType<typeof needOfBatch>>;

/**
 * The operations that import a batch. Pure. Existing records change only when the batch has a newer version.
 */
export function planBatch(
  stored: Stored,
  known: Known,
  batch: Batch,
  lastMigrated: PageId | null,
): BatchPlan {
  const planning = new BatchPlanning(stored, known, batch, lastMigrated);
  for (const record of batch.records) planning.take(record);
  return planning.end();
}

/** Builds the plan record by record. */
class BatchPlanning {
  readonly #stored: Stored;
  readonly #known: Known;
  readonly #batch: Batch;
  readonly #lastMigrated: PageId | null;
  readonly #operations: Operation[] = [];
  readonly #counts: ImportCounts = { pages: 0, segments: 0, facts: 0, traits: 0, known: 0, forgotten: 0 };
  /** Pages and facts that are imported, and those already stored outside the archive. */
  readonly #taken = new Set<string>();
  readonly #here: ReadonlySet<string>;
  readonly #traits: Map<string, Trait>;
  readonly #changes: Map<string, LoggedChange>;
  readonly #current: Map<string, Fact>;
  /** The segment of the following pages, and the segment they are imported into. */
  #segment: SegmentRecord | null;
  #target: SegmentHead | null = null;
  readonly #opened = new Set<string>();
  readonly #left = new Set<string>();

  constructor(stored: Stored, known: Known, batch: Batch, lastMigrated: PageId | null) {
    this.#stored = stored;
    this.#known = known;
    this.#batch = batch;
    this.#lastMigrated = lastMigrated;
    this.#here = new Set<string>([...stored.pageIds, ...everyFact(stored.facts).map(({ id }) => id)]);
    this.#traits = new Map(stored.profile);
    this.#changes = new Map(stored.changes.map((change) => [keyOfChange(change), change]));
    this.#current = currentFacts(stored.facts);
    this.#segment = batch.continued;
  }

  take(record: TransferRecord): void {
    if (record.kind !== 'page' || record.segment_id === null) this.#finishSegment();
    switch (record.kind) {
      case 'segment':
        this.#takeSegment(record);
        break;
      case 'page':
        this.#takePage(record.page);
        break;
      case 'trait':
        this.#takeTrait(record.trait);
        break;
      case 'fact':
        this.#takeFact(record.fact, record.archived);
        break;
      case 'change':
        this.#takeChange(record.change);
        break;
      case 'tombstones':
        this.#takeTombstones(record);
        break;
      default:
        record satisfies never;
    }
  }

  end(): BatchPlan {
    this.#finishSegment();
    return { operations: this.#operations, ids: [...this.#taken], counts: this.#counts };
  }

  #takeSegment(record: SegmentRecord): void {
    this.#segment = record;
    const head = this.#stored.heads.get(record.segment.id)?.head;
    if (head !== undefined && !record.archived && isNewer(record.segment, head)) {
      this.#operations.push({ op: 'segment_put', head: record.segment });
    }
  }

  #takePage(page: Page): void {
    if (!this.#isNew(page.id)) return;
    this.#counts.pages += 1;
    if (this.#segment === null) {
      this.#operations.push({ op: 'page_added', page, segment_id: null });
      return;
    }
    this.#target ??= this.#targetOf(this.#segment.segment);
    const target = this.#target;
    if (!this.#isOpen(target.id)) {
      this.#operations.push({ op: 'segment_put', head: target });
      this.#opened.add(target.id);
      if (this.#batch.continued !== this.#segment) this.#counts.segments += 1;
    }
    const continuesHere = page.id === this.#lastMigrated && this.#stored.lastMigrated.id === null;
    this.#operations.push(...(continuesHere ? migrating : adding)(page, target));
  }

  #takeTrait(trait: Trait): void {
    const key = traitKey(trait);
    const before = this.#traits.get(key);
    if (before !== undefined && before.updated_at >= trait.updated_at) {
      this.#counts.known += 1;
      return;
    }
    this.#traits.set(key, trait);
    this.#operations.push({ op: 'trait_put', trait });
    this.#counts.traits += 1;
  }

  #takeFact(given: Fact, archived: boolean): void {
    if (!this.#isNew(given.id)) return;
    this.#counts.facts += 1;
    const { fact, superseded } = settled(given, archived ? null : this.#current.get(slotOf(given)));
    this.#operations.push({ op: 'fact_put', fact });
    if (superseded !== null) this.#operations.push({ op: 'fact_put', fact: superseded });
    if (archived) {
      const { id: fact_id, assistant_id } = fact;
      this.#operations.push({ op: 'fact_removed', fact_id, assistant_id, reason: 'capacity' });
    } else if (isCurrent(fact)) {
      this.#current.set(slotOf(fact), fact);
    }
  }

  #takeChange(change: LoggedChange): void {
    const before = this.#changes.get(keyOfChange(change));
    const isHere = change.fact_id !== null && this.#has(change.fact_id);
    // The entry is known without its texts because the fact had been removed. Importing the fact restores
    // them.
    const returns = before !== undefined && isHere && isBlank(before) && !isBlank(change);
    if (before !== undefined && !returns) return;
    this.#changes.set(keyOfChange(change), change);
    // The texts of a fact that was not imported are not imported either.
    const shown = isHere ? change : { ...change, before: null, after: null };
    this.#operations.push({ op: 'change_logged', change: shown });
  }

  #takeTombstones({ key, until, hashes }: Extract<TransferRecord, { kind: 'tombstones' }>): void {
    const known = this.#stored.tombstones.get(key);
    const missing = hashes.filter((hash) => known?.has(hash) !== true);
    if (missing.length > 0) this.#operations.push({ op: 'tombstones_put', key, until, hashes: missing });
  }

  /** Pages of a segment that was evicted here follow it into the archive. */
  #finishSegment(): void {
    const segment = this.#segment;
    const target = this.#target;
    this.#segment = null;
    this.#target = null;
    if (segment === null || target === null || !this.#opened.has(target.id)) return;
    if (segment.archived || this.#hasLeft(segment.segment.id)) {
      this.#operations.push({ op: 'segment_archived', segment_id: target.id });
      this.#opened.delete(target.id);
      this.#left.add(target.id);
    }
  }

  /** The archive holds one entry for an id, so later pages do not go to an archived segment. */
  #targetOf(head: SegmentHead): SegmentHead {
    if (this.#isOpen(head.id) || !this.#hasLeft(head.id)) return head;
    return { ...head, id: newSegmentId(Date.parse(head.created_at)) };
  }

  #isOpen(id: SegmentId): boolean {
    return this.#stored.heads.has(id) || this.#opened.has(id);
  }

  #hasLeft(id: SegmentId): boolean {
    return this.#known.archived.has(id) || this.#left.has(id);
  }

  #has(id: string): boolean {
    return this.#known.ids.has(id) || this.#here.has(id) || this.#taken.has(id);
  }

  #isNew(id: string): boolean {
    if (this.#has(id)) {
      this.#counts.known += 1;
      return false;
    }
    this.#taken.add(id);
    return true;
  }
}

const isCurrent = (fact: Fact) => fact.slot !== null && fact.superseded_by === null;
const slotOf = (fact: Fact) => JSON.stringify([fact.assistant_id, fact.slot]);

/** Current facts with a slot, by slot. */
function currentFacts(facts: KnownFacts): Map<string, Fact> {
  return new Map(
    everyFact(facts)
      .filter(isCurrent)
      .map((fact) => [slotOf(fact), fact]),
  );
}

/** Of two facts with the same slot, the later one supersedes the other. */
function settled(fact: Fact, rival: Fact | null | undefined): { fact: Fact; superseded: Fact | null } {
  if (!isCurrent(fact) || rival === null || rival === undefined) return { fact, superseded: null };
  if (Date.parse(rival.timestamp) > Date.parse(fact.timestamp)) {
    return { fact: { ...fact, superseded_by: rival.id }, superseded: null };
  }
  return { fact, superseded: { ...rival, superseded_by: fact.id } };
}

const isBlank = ({ before, after }: LoggedChange) => before === null && after === null;

function isNewer(given: SegmentHead, known: SegmentHead): boolean {
  return given.updated_at > known.updated_at;
}

const adding = (page: Page, { id }: SegmentHead): Operation[] => [{ op: 'page_added', page, segment_id: id }];

/** Through short-term memory, so that the next page to migrate can continue its chain. */
const migrating = (page: Page, head: SegmentHead): Operation[] =>
  page.chain_id === null
    ? adding(page, head)
    : [
        { op: 'page_added', page, segment_id: null },
        {
          op: 'page_migrated',
          page_id: page.id,
          segment_id: head.id,
          chain_id: page.chain_id,
          meta_info: page.meta_info,
        },
      ];
