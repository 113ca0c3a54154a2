import type { Page } from '../../src/model/page.js';
import type {
  BatchAnalysis,
  BatchInput,
  FullAnalyser,
  SegmentAnalysis,
  SegmentInput,
} from '../../src/ports/analyser.js';

type BatchAnswer = (input: BatchInput) => BatchAnalysis | Error;
type SegmentAnswer = (input: SegmentInput) => SegmentAnalysis | Error;

/**
 * An analyser that gives prepared answers in order, and then repeats the last one. It throws if a result has no
 * prepared answer.
 */
export function scriptedAnalyser(name: string, batches: BatchAnswer[], segments: SegmentAnswer[] = []) {
  const asked = { batches: [] as BatchInput[], segments: [] as SegmentInput[] };
  const analyser: FullAnalyser = {
    name,
    async checkFacts(offered) {
      return offered.map(() => ({ fault: null, slot: null, isOfProject: false }));
    },
    async readPages() {
      return { facts: [], rejected: {}, analysed_by: name };
    },
    async analyseBatch(input) {
      asked.batches.push(input);
      return given(batches.length > 1 ? batches.shift() : batches[0], input);
    },
    async analyseSegment(input) {
      asked.segments.push(input);
      return given(segments.length > 1 ? segments.shift() : segments[0], input);
    },
  };
  return Object.assign(analyser, { asked });
}

function given<I, O>(answer: ((input: I) => O | Error) | undefined, input: I): O {
  if (answer === undefined) throw new Error('The scripted analyser was asked for something unexpected.');
  const result = answer(input);
  if (result instanceof Error) throw result;
  return result;
}

/** One topic that holds the whole batch as one chain. */
export function oneTopic(theme: string, keywords = [theme], analysedBy = 'scripted'): BatchAnswer {
  return ({ pages, candidates }) => ({
    pages: pages.map((page, index) => ({
      page_id: page.id,
      continues: index > 0,
      meta_info: `chain of ${theme}`,
    })),
    topics: [
      {
        theme,
        keywords,
        content: `All about ${theme}.`,
        page_ids: pages.map((page) => page.id),
        merged: candidates.map((head) => ({ segment_id: head.id, summary: `${head.summary} And ${theme}.` })),
      },
    ],
    rejected: {},
    analysed_by: analysedBy,
  });
}

/** A fact for each page with the words of the user. */
export function factsOfPages(analysedBy = 'scripted'): SegmentAnswer {
  return ({ pages }) => ({
    traits: [],
    facts: pages.map((page: Page) => ({
      assistant_id: null,
      knowledge: `The user said: ${page.user_input}`,
      timestamp: page.timestamp,
      page_id: page.id,
      told_at: page.timestamp,
      quote: null,
      ends: [],
      slot: null,
      project: null,
      is_of_project: false,
      change: 'new',
      fact_id: null,
    })),
    rejected: {},
    analysed_by: analysedBy,
  });
}
