import * as z from 'zod';
import {
  type ProfileResult,
  profileResultSchema,
  type RetrievedFact,
  type RetrieveResult,
  retrieveResultSchema,
  type ShownFact,
  type ShownPage,
  shownFactSchema,
  shownPageSchema,
} from '../../model/results.js';

/**
 * Answers in the form that clients receive: first the fields of the Python original with its names, then what
 * a model needs to continue. Fields that explain an answer are included only on request.
 */

const leanPage = shownPageSchema.omit({ meta_data: true, shortened: true });
export const leanFact = shownFactSchema
  .pick({ knowledge: true, timestamp: true, fact_id: true })
  // Included only when false: a later fact has superseded this one.
  .extend({ current: z.literal(false).optional(), pinned: z.literal(true).optional() });
/** Facts about an assistant have no project. */
const leanUserFact = leanFact.extend({ project: z.string().optional() });

export const leanRetrieval = retrieveResultSchema
  .omit({ guidance: true, notices: true, topics: true, short_term_known: true })
  .extend({
    short_term_memory: z.array(leanPage),
    retrieved_pages: z.array(leanPage.extend({ score: z.number() })),
    retrieved_user_knowledge: z.array(leanUserFact),
    retrieved_assistant_knowledge: z.array(leanFact),
  });

export const leanProfile = profileResultSchema.omit({ notices: true }).extend({
  user_knowledge: z.array(leanUserFact).optional(),
  assistant_knowledge: z.array(leanFact).optional(),
});

/** The answer of `retrieve_memory`. */
export function retrievalAnswer(result: RetrieveResult) {
  return {
    ...result,
    short_term_memory: result.short_term_memory.map(pageAnswer),
    retrieved_pages: result.retrieved_pages.map(pageAnswer),
    retrieved_user_knowledge: result.retrieved_user_knowledge.map(foundFact),
    retrieved_assistant_knowledge: result.retrieved_assistant_knowledge.map(foundFact),
  };
}

/** The answer of `get_user_profile`. */
export function profileAnswer(result: ProfileResult) {
  const { user_knowledge, assistant_knowledge, analyser, ...rest } = result;
  return {
    ...rest,
    ...(user_knowledge && { user_knowledge: user_knowledge.map(factAnswer) }),
    ...(assistant_knowledge && { assistant_knowledge: assistant_knowledge.map(factAnswer) }),
    analyser,
  };
}

function pageAnswer<P extends ShownPage>({ page_id, ...page }: P) {
  return { ...page, page_id };
}

/** A fact with the fields that a model needs. */
export function factAnswer({
  knowledge,
  timestamp,
  fact_id,
  current,
  pinned,
  project,
}: Omit<ShownFact, 'page_ids'>) {
  return {
    knowledge,
    timestamp,
    fact_id,
    ...(current ? {} : { current: false as const }),
    ...(pinned === true ? { pinned } : {}),
    ...(project === undefined ? {} : { project }),
  };
}

/** Pages and score are included only when the caller asked for explanations. */
function foundFact({ score, page_ids, ...fact }: RetrievedFact) {
  return { ...factAnswer(fact), ...(page_ids === undefined ? {} : { score, page_ids }) };
}
