import { z } from 'zod';
import {
  type ProfileResult,
  profileResultSchema,
  type RetrievedFact,
  type RetrievedPage,
  type RetrieveResult,
  retrieveResultSchema,
  type ShownFact,
  type ShownPage,
  shownFactSchema,
  shownPageSchema,
} from '../../model/results.js';

/**
 * Answers as a client gets them: the fields of the Python original first and under its names, then what a model needs
 * to go on. What only explains an answer is left out unless it is asked for.
 */

const leanPage = shownPageSchema.omit({ meta_data: true });
export const leanFact = shownFactSchema
  .pick({ knowledge: true, timestamp: true, fact_id: true })
  // Only where it is false: a later fact took its place.
  .extend({ current: z.literal(false).optional(), pinned: z.literal(true).optional() });

export const leanRetrieval = retrieveResultSchema.omit({ guidance: true, notices: true }).extend({
  short_term_memory: z.array(leanPage),
  retrieved_pages: z.array(leanPage.extend({ score: z.number() })),
  retrieved_user_knowledge: z.array(leanFact),
  retrieved_assistant_knowledge: z.array(leanFact),
});

export const leanProfile = profileResultSchema.omit({ notices: true }).extend({
  user_knowledge: z.array(leanFact),
  assistant_knowledge: z.array(leanFact).optional(),
});

/** The answer of `retrieve_memory`. `guided`: with what relationship and style ask of the answer. */
export function retrievalAnswer(
  result: RetrieveResult,
  { explain, guided }: { readonly explain: boolean; readonly guided: boolean },
) {
  const { guidance, ...rest } = result;
  return {
    ...rest,
    short_term_memory: result.short_term_memory.map(pageAnswer),
    retrieved_pages: result.retrieved_pages.map((page) => foundPage(page, explain)),
    retrieved_user_knowledge: result.retrieved_user_knowledge.map((fact) => foundFact(fact, explain)),
    retrieved_assistant_knowledge: result.retrieved_assistant_knowledge.map((fact) =>
      foundFact(fact, explain),
    ),
    ...(explain || guided ? { guidance } : {}),
  };
}

/** The answer of `get_user_profile`. */
export function profileAnswer(result: ProfileResult) {
  const { user_knowledge, assistant_knowledge, analyser, ...rest } = result;
  return {
    ...rest,
    user_knowledge: user_knowledge.map(factAnswer),
    ...(assistant_knowledge && { assistant_knowledge: assistant_knowledge.map(factAnswer) }),
    analyser,
  };
}

function pageAnswer({ page_id, meta_data, ...page }: ShownPage) {
  return { ...page, page_id, ...(Object.keys(meta_data).length === 0 ? {} : { meta_data }) };
}

function foundPage(page: RetrievedPage, explain: boolean) {
  const { segment_id, chain_id, source, signals, score, ...shown } = page;
  return { ...pageAnswer(shown), score, ...(explain ? { segment_id, chain_id, source, signals } : {}) };
}

/** A fact with what a model needs of it. */
export function factAnswer({ knowledge, timestamp, fact_id, current, pinned }: ShownFact) {
  return {
    knowledge,
    timestamp,
    fact_id,
    ...(current ? {} : { current: false as const }),
    ...(pinned === true ? { pinned } : {}),
  };
}

function foundFact(fact: RetrievedFact, explain: boolean) {
  const { score, page_ids } = fact;
  return { ...factAnswer(fact), ...(explain ? { score, page_ids } : {}) };
}
