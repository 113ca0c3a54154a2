import { MemoryError } from '../../model/errors.js';
import type { Conversation, Exchange, StatedFact } from '../../model/exchange.js';
import { type AssistantId, keyedChainId, keyedFactId, keyedSegmentId, type PageId } from '../../model/ids.js';
import type { Fact } from '../../model/knowledge.js';
import { originKey, type Page } from '../../model/page.js';
import type { SegmentHead } from '../../model/segment.js';
import type { TransferRecord } from '../../model/transfer.js';
import type { Slices, StoredMemory } from '../../ports/store.js';
import { pageFrom } from '../page-input.js';
import type { Redactor } from '../redactor.js';
import { needOfSame, sameExchange } from '../same-exchange.js';
import type { ImportCounts } from './import-batch.js';
import { type ImportOptions, importMemory } from './import-memory.js';
import type { NumberedRecord } from './read-records.js';

/** Longer conversations are split into several segments, so that changing one page rewrites little. */
const pagesPerSegment = 200;
const factCharactersMax = 400;
const themeCharacters = 120;
/** The value of `analysed_by` for imported segments and facts. */
const importer = 'import';

export interface ConversationImportOptions extends ImportOptions {
  readonly assistantId: AssistantId;
  readonly nowMs: number;
  /** Time zone for times without an offset. */
  readonly timeZone: string;
  readonly redactor: Redactor;
  /** True: each exchange is compared with stored ones, because the agent may have stored it already. */
  readonly mayBeStored: boolean;
  /** Called for each exchange that cannot become a page, with the reason. */
  readonly onLeftOut: (reason: string, exchange: Exchange) => void;
  /** Called with each page in the form to be stored. */
  readonly onPage: (page: Page) => void;
}

/**
 * Imports conversations of other programs, each as its own segments. Their pages are processed like all
 * others. Importing the same conversation again changes nothing. Throws like {@link importMemory}.
 */
export async function importConversations(
  store: StoredMemory,
  conversations: AsyncIterable<Conversation>,
  options: ConversationImportOptions,
): Promise<ImportCounts> {
  let stored = 0;
  async function* records(): AsyncIterable<NumberedRecord> {
    let line = 0;
    for await (const conversation of conversations) {
      const pages: KeyedPage[] = [];
      for (const { key, page } of pagesOf(conversation, options)) {
        const kept = { key, page: await options.redactor.page(page) };
        options.onPage(kept.page);
        pages.push(kept);
      }
      const fresh = options.mayBeStored ? await freshOf(pages) : pages;
      for (const record of recordsOf(conversation, fresh, options.nowMs)) {
        line += 1;
        yield { line, record };
      }
    }
  }
  async function freshOf(pages: readonly KeyedPage[]): Promise<KeyedPage[]> {
    const known = await store.read(needOfSame(pages.map(({ page }) => page)));
    const fresh = pages.filter(({ page }) => isFresh(known, page));
    stored += pages.length - fresh.length;
    return fresh;
  }
  const counts = await importMemory(store, { last_migrated: null }, records(), options);
  return { ...counts, known: counts.known + stored };
}

/** Whether the page is not stored yet, or only as part of this conversation. */
function isFresh(known: Pick<Slices, 'pages' | 'around'>, page: Page): boolean {
  const same = sameExchange(known, page);
  return same === undefined || same.id === page.id;
}

interface KeyedPage {
  readonly key: string;
  readonly page: Page;
}

function pagesOf(
  { exchanges, facts, title }: Conversation,
  { assistantId, nowMs, timeZone, onLeftOut }: ConversationImportOptions,
): KeyedPage[] {
  // Exchanges with given facts need no analysis for facts.
  const analysed = new Set(facts.map(({ exchangeKey }) => exchangeKey));
  return exchanges.flatMap((exchange) => {
    try {
      const page = pageFrom(
        {
          key: exchange.key,
          userInput: exchange.userInput,
          agentResponse: exchange.agentResponse,
          timestamp: exchange.timestamp,
          project: exchange.project ?? undefined,
          metaData: { [originKey]: exchange.origin },
        },
        assistantId,
        nowMs,
        timeZone,
      );
      const isKnown = analysed.has(exchange.key);
      return [{ key: exchange.key, page: { ...page, meta_info: title, analysed: isKnown, read: isKnown } }];
    } catch (error) {
      if (!(error instanceof MemoryError)) throw error;
      onLeftOut(error.message, exchange);
      return [];
    }
  });
}

function* recordsOf(
  conversation: Conversation,
  pages: readonly KeyedPage[],
  nowMs: number,
): Iterable<TransferRecord> {
  for (let from = 0; from < pages.length; from += pagesPerSegment) {
    const part = pages.slice(from, from + pagesPerSegment).map(({ page }) => page);
    const [first] = part;
    if (first === undefined) return;
    // Keyed by the part's first page, so that a conversation that has grown keeps its segments.
    const key = `${conversation.id}\n${first.id}`;
    const timeMs = Date.parse(first.timestamp);
    const segment = headOf(conversation, part, keyedSegmentId(timeMs, key));
    yield { kind: 'segment', archived: false, segment };
    const chain_id = keyedChainId(timeMs, key);
    for (const page of part) yield { kind: 'page', segment_id: segment.id, page: { ...page, chain_id } };
  }
  const byKey = new Map(pages.map(({ key, page }) => [key, page]));
  for (const fact of conversation.facts) {
    const page = byKey.get(fact.exchangeKey);
    // A secret was removed from the page, so the page no longer contains the fact's words.
    if (page === undefined || !page.user_input.includes(fact.knowledge)) continue;
    if (fact.knowledge.length > factCharactersMax) continue;
    yield { kind: 'fact', archived: false, fact: factFrom(fact, page.id, nowMs) };
  }
}

function headOf({ title }: Conversation, pages: readonly Page[], id: SegmentHead['id']): SegmentHead {
  const times = pages.map(({ timestamp }) => timestamp).sort();
  const created_at = times[0] ?? new Date(0).toISOString();
  const theme = title.replace(/\s+/g, ' ').slice(0, themeCharacters).toWellFormed();
  return {
    id,
    theme,
    summary: theme,
    keywords: [...new Set(theme.toLowerCase().match(/[\p{L}\p{N}]{4,}/gu))],
    created_at,
    updated_at: times.at(-1) ?? created_at,
    n_visit: 0,
    last_visit_at: created_at,
    analysed_by: importer,
  };
}

function factFrom({ key, knowledge, timestamp }: StatedFact, pageId: PageId, nowMs: number): Fact {
  const time = new Date(timestamp).toISOString();
  return {
    id: keyedFactId(Date.parse(timestamp), key),
    assistant_id: null,
    knowledge,
    timestamp: time,
    page_ids: [pageId],
    recorded_at: new Date(nowMs).toISOString(),
    told_at: time,
    quote: knowledge,
    slot: null,
    superseded_by: null,
    analysed_by: importer,
  };
}
