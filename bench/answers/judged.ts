import type { LocomoConversation } from '../../src/cli/demo/locomo.js';
import { type PageId, toAssistantId } from '../../src/model/ids.js';
import type { MeaningReader } from '../../src/ports/meaning-reader.js';
import { createBuiltinEmbedder } from '../../src/retrieval/builtin-embedder.js';
import { noQuestion, type PageFeatures, type QuestionFeatures } from '../../src/retrieval/features.js';
import { MemoryRetriever } from '../../src/retrieval/memory-retriever.js';
import { storeOfPages } from '../told-pages.js';

/**
 * `own` and `unnamed`: about this memory, as written and without the names of its two people. `foreign` have nothing to
 * do with a memory and are fitted on, `unseen` are others of them. `stranger` and `nameless`: about other memories, as
 * written and without the names of their two people.
 */
type Kind = 'own' | 'unnamed' | 'adversarial' | Others;
type Others = 'stranger' | 'nameless' | 'foreign' | 'unseen';

/** What retrieval found for a question, and which pages help to answer it. */
export interface Judged {
  readonly conversation: string;
  readonly kind: Kind;
  readonly question: string;
  /** Number of pages with evidence. */
  readonly evidence: number;
  /** Best first. None is left out because of its relevance. */
  readonly pages: readonly { readonly helps: boolean; readonly features: PageFeatures }[];
  /** Features of the question, computed from the pages found. */
  readonly features: QuestionFeatures;
}

const pagesMax = 10;

/** Asks one memory everything, with each of the readers. The reader null reads only words. */
export async function judgedPages(
  conversation: LocomoConversation,
  readers: readonly (MeaningReader | null)[],
  others: Readonly<Record<Others, readonly string[]>>,
): Promise<Judged[][]> {
  const { user, assistant } = conversation;
  const { store, ids } = await storeOfPages(conversation.pages, { user, assistant, segments: 'none' });
  const pageAt = new Map(ids.map((id, at) => [id, at]));
  const nowMs = Math.max(...conversation.pages.map(({ timestamp }) => Date.parse(timestamp))) + 86_400_000;
  const results: Judged[][] = [];
  for (const reader of readers) {
    const retriever = new MemoryRetriever({
      store,
      embedder: createBuiltinEmbedder(),
      reader,
      clock: { now: () => nowMs },
      shortTermCapacityPages: 0,
    });
    await retriever.settled();
    try {
      results.push(await judgedBy(conversation, retriever, { pageAt, nowMs, others }));
    } finally {
      await retriever.close();
    }
  }
  return results;
}

async function judgedBy(
  conversation: LocomoConversation,
  retriever: MemoryRetriever,
  {
    pageAt,
    nowMs,
    others,
  }: {
    readonly pageAt: ReadonlyMap<PageId, number>;
    readonly nowMs: number;
    readonly others: Readonly<Record<Others, readonly string[]>>;
  },
): Promise<Judged[]> {
  const pageOfTurn = new Map(
    conversation.pages.flatMap((page, at) => page.dia_ids.map((id): [string, number] => [id, at])),
  );
  const judge = async (kind: Kind, question: string, evidence: readonly string[]): Promise<Judged> => {
    const helpful = new Set(evidence.map((id) => pageOfTurn.get(id)));
    const assistantId = toAssistantId(conversation.assistant);
    const { pages } = await retriever.search({ text: question, nowMs, pagesMax, factsMax: 0, assistantId });
    return {
      conversation: conversation.id,
      kind,
      question,
      evidence: helpful.size,
      features: pages[0]?.question ?? noQuestion,
      pages: pages.map(({ page, features }) => ({ helps: helpful.has(pageAt.get(page.id)), features })),
    };
  };
  const result: Judged[] = [];
  for (const { question, category, evidence } of conversation.questions) {
    if (category === 5) result.push(await judge('adversarial', question, []));
    else if (evidence.length > 0) {
      result.push(await judge('own', question, evidence));
      result.push(await judge('unnamed', withoutNames(question, conversation), evidence));
    }
  }
  for (const kind of ['stranger', 'nameless', 'foreign', 'unseen'] as const) {
    for (const question of others[kind]) result.push(await judge(kind, question, []));
  }
  return result;
}

/** The question as the user would ask an assistant, which has no name here. */
export function withoutNames(question: string, { user, assistant }: LocomoConversation): string {
  const replaced = (text: string, name: string, pronoun: string) =>
    text
      .replaceAll(new RegExp(`\\b${name}['’]s\\b`, 'g'), pronoun === 'I' ? 'my' : 'your')
      .replaceAll(new RegExp(`\\b${name}\\b`, 'g'), pronoun);
  return replaced(replaced(question, user, 'I'), assistant, 'you');
}
