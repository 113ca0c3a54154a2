import { MemoryError } from '../../model/errors.js';
import type {
  Analyser,
  BatchAnalysis,
  BatchInput,
  SegmentAnalysis,
  SegmentInput,
} from '../../ports/analyser.js';
import { continues, rarityAmong } from './continuity.js';
import { type EnglishReader, loadEnglishReader } from './english.js';
import { plainText } from './plain-text.js';
import { isEnglish, type PageReading, readPage } from './reading.js';
import { chainSummary, keySentence } from './summaries.js';
import { topicsOf } from './topics.js';

const name = 'builtin';

/**
 * The analyser that needs no LLM and no network. Continuity, topics, keywords and summaries in any language;
 * facts and traits from English text only. Throws CANCELLED.
 */
export function createBuiltinAnalyser(): Analyser {
  return {
    name,
    async analyseBatch(input, signal) {
      const texts = input.pages.map(({ user_input, agent_response }) => `${user_input}\n${agent_response}`);
      const reader = texts.some((text) => isEnglish(plainText(text))) ? await loadEnglishReader() : null;
      return analyseBatch(input, reader, signal);
    },
    async analyseSegment(input, signal) {
      return analyseSegment(input, signal);
    },
  };
}

function analyseBatch(input: BatchInput, reader: EnglishReader | null, signal?: AbortSignal): BatchAnalysis {
  const before = input.previous === null ? undefined : readPage(input.previous, null);
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
  const topics = topicsOf(readings, continuing, input.candidates, rarity);
  return { pages, topics, rejected: {}, analysed_by: name };
}

function analyseSegment(_input: SegmentInput, signal?: AbortSignal): SegmentAnalysis {
  refuseIfCancelled(signal);
  return { traits: [], facts: [], rejected: {}, analysed_by: name };
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
