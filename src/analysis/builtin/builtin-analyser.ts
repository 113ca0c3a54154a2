import { SentenceVectors } from '../../lib/meaning/sentence-vectors.js';
import { MemoryError } from '../../model/errors.js';
import type { Page } from '../../model/page.js';
import type {
  BatchAnalysis,
  BatchInput,
  FullAnalyser,
  Reading,
  ReadingInput,
  SegmentAnalysis,
  SegmentInput,
} from '../../ports/analyser.js';
import { faultOfFact } from '../checks/check-fact.js';
import { assistantFacts } from './assistant-facts.js';
import { continues, rarityAmong } from './continuity.js';
import { type EnglishReader, loadEnglishReader } from './english.js';
import { toldOfFact } from './known-facts.js';
import { isOfProject } from './of-project.js';
import { plainText } from './plain-text.js';
import { isPartlyEnglish, type PageReading, readPage } from './reading.js';
import { reconciled } from './reconcile.js';
import { chainSummary, keySentence } from './summaries.js';
import { topicsOf } from './topics.js';
import { traitsOf } from './traits.js';
import { userFacts } from './user-facts.js';

const name = 'builtin';
/** Shared by all analysers of the process. */
const vectors = new SentenceVectors();
const vectorOf = (sentence: string) => vectors.vectorOf(sentence);

/**
 * An analyser that needs no LLM and no network. Continuity, topics, keywords and summaries work in any
 * language, facts and traits only in English. Throws CANCELLED.
 */
export function createBuiltinAnalyser(): FullAnalyser {
  return {
    name,
    async readPages(input, signal) {
      const reader = mayHoldEnglish(input.pages) ? await loadEnglishReader() : null;
      return readPages(input, reader, signal);
    },
    async checkFacts(offered, signal) {
      const isEnglishAround = offered.some(
        ({ quote, fact }) => isPartlyEnglish(quote) || isPartlyEnglish(fact),
      );
      const reader = isEnglishAround ? await loadEnglishReader() : null;
      refuseIfCancelled(signal);
      return offered.map((one) => {
        const told = one.about === 'user' && reader !== null ? toldOfFact(one.fact, reader) : null;
        return {
          fault: faultOfFact(one, reader),
          slot: told?.slot ?? null,
          isOfProject: told !== null && isOfProject(told),
        };
      });
    },
    async analyseBatch(input, signal) {
      const reader = mayHoldEnglish(input.pages) ? await loadEnglishReader() : null;
      return analyseBatch(input, reader, signal);
    },
    async analyseSegment(input, signal) {
      const reader = mayHoldEnglish(input.pages) ? await loadEnglishReader() : null;
      return analyseSegment(input, reader, signal);
    },
  };
}

function analyseBatch(input: BatchInput, reader: EnglishReader | null, signal?: AbortSignal): BatchAnalysis {
  const before = input.previous === null ? undefined : readPage(input.previous, reader);
  const readings = input.pages.map((page) => {
    refuseIfCancelled(signal);
    return readPage(page, reader);
  });
  const rarity = rarityAmong(before === undefined ? readings : [before, ...readings]);
  const pages: { page_id: PageReading['page']['id']; continues: boolean; meta_info: string }[] = [];
  let last = before;
  let summary = input.previous?.meta_info ?? '';
  for (const reading of readings) {
    const goesOn = last !== undefined && continues(last, reading, rarity);
    summary = chainSummary(goesOn ? summary : '', keySentence(reading, rarity));
    pages.push({ page_id: reading.page.id, continues: goesOn, meta_info: summary });
    last = reading;
  }
  const continuing = pages.map((page) => page.continues);
  const topics = topicsOf(readings, continuing, input.candidates, rarity, before);
  return { pages, topics, rejected: {}, analysed_by: name };
}

function analyseSegment(
  input: SegmentInput,
  reader: EnglishReader | null,
  signal?: AbortSignal,
): SegmentAnalysis {
  refuseIfCancelled(signal);
  const rejected: Record<string, number> = {};
  const reject = (reason: string): void => {
    rejected[reason] = (rejected[reason] ?? 0) + 1;
  };
  if (reader === null) {
    for (const _page of input.pages) reject('not English');
    return { traits: [], facts: [], rejected, analysed_by: name };
  }
  return {
    traits: traitsOf(input.pages, input.relatedFacts, input.profile, reader),
    facts: [],
    rejected,
    analysed_by: name,
  };
}

function readPages(input: ReadingInput, reader: EnglishReader | null, signal?: AbortSignal): Reading {
  refuseIfCancelled(signal);
  const rejected: Record<string, number> = {};
  const reject = (reason: string): void => {
    rejected[reason] = (rejected[reason] ?? 0) + 1;
  };
  const { pages, before, relatedFacts } = input;
  const facts = userFacts(pages, before, relatedFacts, reader, vectorOf, reject);
  if (reader === null) return { facts, rejected, analysed_by: name };
  for (const assistantId of new Set(pages.map((page) => page.assistant_id))) {
    refuseIfCancelled(signal);
    const own = pages.filter((page) => page.assistant_id === assistantId);
    facts.push(...reconciled(assistantFacts(own, reader), assistantId, relatedFacts, reject));
  }
  return { facts, rejected, analysed_by: name };
}

/** Whether the pages may contain English, so that the English model must be loaded. */
function mayHoldEnglish(pages: readonly Page[]): boolean {
  return pages.some(({ user_input, agent_response }) =>
    [user_input, agent_response].some((text) => isPartlyEnglish(plainText(text))),
  );
}

function refuseIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new MemoryError(
    'CANCELLED',
    'The analysis was cancelled. Nothing was changed; it is tried again later.',
    {
      cause: signal.reason,
    },
  );
}
