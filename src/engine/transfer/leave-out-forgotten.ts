import type { ChainId } from '../../model/ids.js';
import type { Page } from '../../model/page.js';
import type { SegmentHead } from '../../model/segment.js';
import {
  isForgottenId,
  isForgottenPage,
  isForgottenStatement,
  type Tombstones,
} from '../../model/tombstones.js';
import type { TransferRecord } from '../../model/transfer.js';
import type { NumberedRecord } from './read-records.js';

const summaryCharactersMax = 1200;

type Numbered<K extends TransferRecord['kind']> = {
  readonly line: number;
  readonly record: Extract<TransferRecord, { kind: K }>;
};

/**
 * Removes forgotten content from a stream: pages, facts and traits, and summaries of segments and chains that
 * may mention them.
 */
export class ForgottenFilter {
  /** Pages, facts and traits removed so far. */
  leftOut = 0;
  readonly #tombstones: Tombstones;
  readonly #brokenChains: Set<ChainId>;

  /**
   * `brokenChains`: dialogue chains that lose a page. They are filled while reading, so a second reading
   * knows all of them.
   */
  constructor(tombstones: Tombstones, brokenChains: Set<ChainId>) {
    this.#tombstones = tombstones;
    this.#brokenChains = brokenChains;
  }

  async *apply(records: AsyncIterable<NumberedRecord>): AsyncIterable<NumberedRecord> {
    let segment: Numbered<'segment'> | null = null;
    let pages: Numbered<'page'>[] = [];
    for await (const { line, record } of records) {
      if (record.kind === 'page' && record.segment_id !== null) {
        pages.push({ line, record });
        continue;
      }
      yield* this.#segment(segment, pages);
      segment = record.kind === 'segment' ? { line, record } : null;
      pages = [];
      if (record.kind === 'segment') continue;
      const kept = this.#kept(record);
      if (kept !== null) yield { line, record: kept };
    }
    yield* this.#segment(segment, pages);
  }

  *#segment(
    segment: Numbered<'segment'> | null,
    pages: readonly Numbered<'page'>[],
  ): Iterable<NumberedRecord> {
    const kept = pages.filter(({ record }) => !this.#isGone(record.page));
    const isWhole = kept.length === pages.length;
    if (segment !== null && (isWhole || kept.length > 0)) {
      const { record, line } = segment;
      const head = isWhole
        ? record.segment
        : describedBy(
            record.segment,
            kept.map((one) => one.record.page),
          );
      yield { line, record: { ...record, segment: head } };
    }
    for (const { line, record } of kept)
      yield { line, record: { ...record, page: this.#untold(record.page) } };
  }

  #kept(record: Exclude<TransferRecord, { kind: 'segment' }>): TransferRecord | null {
    switch (record.kind) {
      case 'page':
        return this.#isGone(record.page) ? null : record;
      case 'fact': {
        const { fact } = record;
        const sources = fact.page_ids.filter((id) => !isForgottenId(this.#tombstones, id));
        const isGone =
          isForgottenId(this.#tombstones, fact.id) ||
          isForgottenStatement(this.#tombstones, fact.knowledge, fact.recorded_at) ||
          (fact.page_ids.length > 0 && sources.length === 0);
        if (!isGone) return { ...record, fact: { ...fact, page_ids: sources } };
        break;
      }
      case 'trait': {
        const { reason, updated_at: at, page_ids: sources } = record.trait;
        const isGone =
          isForgottenStatement(this.#tombstones, reason, at) ||
          sources.some((id) => isForgottenId(this.#tombstones, id));
        if (!isGone) return record;
        break;
      }
      case 'change': {
        const { change } = record;
        const isGone = change.fact_id !== null && isForgottenId(this.#tombstones, change.fact_id);
        return isGone ? { ...record, change: { ...change, before: null, after: null } } : record;
      }
      case 'tombstones':
        return record;
      default:
        return record satisfies never;
    }
    this.leftOut += 1;
    return null;
  }

  #isGone(page: Page): boolean {
    if (!isForgottenPage(this.#tombstones, page)) return false;
    this.leftOut += 1;
    if (page.chain_id !== null) this.#brokenChains.add(page.chain_id);
    return true;
  }

  /** The page without its chain's summary if that may mention a removed page. */
  #untold(page: Page): Page {
    return page.chain_id !== null && this.#brokenChains.has(page.chain_id)
      ? { ...page, meta_info: '' }
      : page;
  }
}

/** Describes the segment from the remaining pages, because its theme may mention removed ones. */
function describedBy(head: SegmentHead, pages: readonly Page[]): SegmentHead {
  const summary = pages.map((page) => page.user_input || page.agent_response).join(' ');
  return { ...head, theme: '', keywords: [], summary: summary.slice(0, summaryCharactersMax).toWellFormed() };
}
