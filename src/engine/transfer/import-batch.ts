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
    pages: records.flatMap((record) => (record.kind === 'page' ? [record.page.id] : [])),
    heads: [...segments, ...(continued === null ? [] : [continued.segment.id])],
    facts: 'all',
    profile: true,
    changes: true,
    tombstones: true,
    lastMigrated: true,
  } as const satisfies Need;
}

/**
 * The operations that import a batch. Pure. Existing records change only when the batch has a newer version.
 */
export function planBatch(
  stored: Pick<Slices, keyof ReturnType<typeof needOfBatch>>,
  known: Known,
  batch: Batch,
  lastMigrated: PageId | null,
): BatchPlan {
  const operations: Operation[] = [];
  const ids = new Set<string>();
  const traits = new Map<string, Trait>(stored.profile);
  const changes = new Map(stored.changes.map((change) => [keyOfChange(change), change]));
  const current = currentFacts(stored.facts);
  const here = new Set<string>([...stored.pages.keys(), ...everyFact(stored.facts).map(({ id }) => id)]);
  const counts: ImportCounts = { pages: 0, segments: 0, facts: 0, traits: 0, known: 0, forgotten: 0 };
  let segment: SegmentRecord | null = batch.continued;
  /** The segment for the following pages. */
  let target: SegmentHead | null = null;
  const opened = new Set<string>();
  const left = new Set<string>();
  const isOpen = (id: SegmentId) => stored.heads.has(id) || opened.has(id);
  const hasLeft = (id: SegmentId) => known.archived.has(id) || left.has(id);
  // The archive holds one entry for an id, so later pages do not go to an archived segment.
  const targetOf = (head: SegmentHead): SegmentHead =>
    isOpen(head.id) || !hasLeft(head.id) ? head : { ...head, id: newSegmentId(Date.parse(head.created_at)) };
  const isNew = (id: string) => {
    if (known.ids.has(id) || here.has(id) || ids.has(id)) {
      counts.known += 1;
      return false;
    }
    ids.add(id);
    return true;
  };
  // Pages of a segment that was evicted here follow it into the archive.
  const finish = () => {
    if (segment === null || target === null || !opened.has(target.id)) return;
    if (segment.archived || hasLeft(segment.segment.id)) {
      operations.push({ op: 'segment_archived', segment_id: target.id });
      opened.delete(target.id);
      left.add(target.id);
    }
  };
  for (const record of batch.records) {
    if (record.kind !== 'page' || record.segment_id === null) {
      finish();
      segment = null;
      target = null;
    }
    switch (record.kind) {
      case 'segment': {
        segment = record;
        const head = stored.heads.get(record.segment.id)?.head;
        if (head !== undefined && !record.archived && isNewer(record.segment, head)) {
          operations.push({ op: 'segment_put', head: record.segment });
        }
        break;
      }
      case 'page': {
        if (!isNew(record.page.id)) break;
        counts.pages += 1;
        if (segment === null) {
          operations.push({ op: 'page_added', page: record.page, segment_id: null });
          break;
        }
        target ??= targetOf(segment.segment);
        if (!isOpen(target.id)) {
          operations.push({ op: 'segment_put', head: target });
          opened.add(target.id);
          if (batch.continued !== segment) counts.segments += 1;
        }
        const continuesHere = record.page.id === lastMigrated && stored.lastMigrated.id === null;
        operations.push(...(continuesHere ? migrating : adding)(record.page, target));
        break;
      }
      case 'trait': {
        const key = traitKey(record.trait);
        const before = traits.get(key);
        if (before !== undefined && before.updated_at >= record.trait.updated_at) {
          counts.known += 1;
          break;
        }
        traits.set(key, record.trait);
        operations.push({ op: 'trait_put', trait: record.trait });
        counts.traits += 1;
        break;
      }
      case 'fact': {
        if (!isNew(record.fact.id)) break;
        counts.facts += 1;
        const { fact, superseded } = settled(
          record.fact,
          record.archived ? null : current.get(slotOf(record.fact)),
        );
        operations.push({ op: 'fact_put', fact });
        if (superseded !== null) operations.push({ op: 'fact_put', fact: superseded });
        if (!record.archived && isCurrent(fact)) current.set(slotOf(fact), fact);
        if (record.archived) {
          operations.push({
            op: 'fact_removed',
            fact_id: fact.id,
            assistant_id: fact.assistant_id,
            reason: 'capacity',
          });
        }
        break;
      }
      case 'change': {
        const { change } = record;
        const before = changes.get(keyOfChange(change));
        const isHere =
          change.fact_id !== null &&
          (known.ids.has(change.fact_id) || here.has(change.fact_id) || ids.has(change.fact_id));
        // The entry is known without its texts because the fact had been removed. Importing the fact restores
        // them.
        const returns = before !== undefined && isHere && isBlank(before) && !isBlank(change);
        if (before !== undefined && !returns) break;
        changes.set(keyOfChange(change), change);
        // The texts of a fact that was not imported are not imported either.
        operations.push({
          op: 'change_logged',
          change: isHere ? change : { ...change, before: null, after: null },
        });
        break;
      }
      case 'tombstones': {
        const { key, until, hashes } = record;
        const known = stored.tombstones.get(key);
        const missing = hashes.filter((hash) => known?.has(hash) !== true);
        if (missing.length > 0) operations.push({ op: 'tombstones_put', key, until, hashes: missing });
        break;
      }
      default:
        record satisfies never;
    }
  }
  finish();
  return { operations, ids: [...ids], counts };
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
