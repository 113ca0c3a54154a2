import { cosine } from '../../src/lib/math/vectors.js';
import { words } from '../../src/lib/text/words.js';
import type { RetrievedPage } from '../../src/model/results.js';
import { CandidateRetriever } from '../../src/retrieval/candidates/candidate-retriever.js';
import { createPageTerms } from '../../src/retrieval/candidates/page-terms.js';
import { type Signal, type Weights, weights } from '../../src/retrieval/fusion.js';
import { MemoryRetriever } from '../../src/retrieval/memory-retriever.js';
import { indexOverState } from '../../tests/support/index-over-state.js';
import { stored } from '../../tests/support/on-store.js';
import type { OpenedMemory } from './memory.js';

/** Pages for a question, best first. */
export type Ranker = (question: string, pagesMax: number) => Promise<readonly RankedForBench[]>;

export interface RankedForBench {
  readonly page_id: string;
  readonly text: string;
}

/** Our weights with 0 for these signals. */
export function weightsWithout(signals: Iterable<Signal>): Weights {
  const left = new Set(signals);
  const entries = Object.entries(weights).map(([name, weight]) => [
    name,
    left.has(name as Signal) ? 0 : weight,
  ]);
  return Object.fromEntries(entries);
}

/** Calls `ask` with a ranker by these weights over the same memory. */
export async function weighing<T>(
  memory: OpenedMemory,
  chosen: Weights,
  ask: (ranker: Ranker) => Promise<T>,
): Promise<T> {
  const { store, embedder, reader, engine, clock } = memory;
  const retriever = new MemoryRetriever({
    store,
    embedder,
    reader,
    clock,
    shortTermCapacityPages: 10,
    weights: chosen,
  });
  await retriever.settled();
  const { assistantId } = engine;
  try {
    return await ask(async (text, pagesMax) => {
      const query = { text, nowMs: clock.now(), pagesMax, factsMax: 10, assistantId };
      const { pages } = await retriever.search(query);
      return pages.map(({ page }) => ({
        page_id: page.id,
        text: `${page.user_input}\n${page.agent_response}`,
      }));
    });
  } finally {
    await retriever.close();
  }
}

/** Our ranker over candidates, as with a database. `candidatesMax`: the number from each kind of search. */
export async function candidateRanker(memory: OpenedMemory, candidatesMax: number): Promise<Ranker> {
  const { store, embedder, reader, engine, clock } = memory;
  const index = indexOverState(store, createPageTerms());
  const parts = { index, candidatesMax, embedder, reader, clock, shortTermCapacityPages: 10 };
  const retriever = new CandidateRetriever({ ...parts, store: stored(store) });
  await retriever.settled();
  const { assistantId } = engine;
  return async (text, pagesMax) => {
    const query = { text, nowMs: clock.now(), pagesMax, factsMax: 10, assistantId };
    const { pages } = await retriever.search(query);
    return pages.map(({ page }) => ({
      page_id: page.id,
      text: `${page.user_input}\n${page.agent_response}`,
    }));
  };
}

function shown(page: RetrievedPage): RankedForBench {
  return {
    page_id: page.page_id,
    text: `${page.timestamp}\n${page.user_input}\n${page.agent_response}\n${page.meta_info}`,
  };
}

/** The text from which a model answers a question. */
export type Excerpts = (question: string) => Promise<readonly string[]>;

/** Excerpts from all tiers, as the engine retrieves them. */
export function engineExcerpts({ engine }: OpenedMemory, pagesMax: number): Excerpts {
  return async (question) => {
    const found = await engine.retrieve({ query: question, maxResults: pagesMax });
    const facts = [...found.retrieved_user_knowledge, ...found.retrieved_assistant_knowledge];
    const known = facts.map((fact) => `${fact.timestamp.slice(0, 10)} ${fact.knowledge}`);
    const about = [found.user_profile, known.join('\n')].filter((text) => text !== '');
    return [...about, ...found.retrieved_pages.map((page) => shown(page).text)];
  };
}

/** Excerpts from the pages that another ranker finds. */
export function rankedExcerpts(ranker: Ranker, pagesMax: number): Excerpts {
  return async (question) => (await ranker(question, pagesMax)).map(({ text }) => text);
}

/** The ranking of the paper's implementation. */
const segmentsMax = 5;

/**
 * The two stages of MemoryOS (EMNLP 2025, section 3.4): the segments with the best
 * F = cos(e_segment, e_query) + Jaccard(K_segment, K_query), and of their pages those with the best cosine.
 */
export async function paperRanker(memory: OpenedMemory): Promise<Ranker> {
  const { store, embedder } = memory;
  const segments = await Promise.all(
    [...store.state.segments.values()].map(async ({ head, pages }) => {
      const [summary, ...vectors] = await embedder.embed([
        head.summary,
        ...pages.map((page) => `${page.user_input}\n${page.agent_response}`),
      ]);
      return { summary, keywords: new Set(head.keywords.flatMap((word) => words(word))), pages, vectors };
    }),
  );
  return async (question, pagesMax) => {
    const [vector] = await embedder.embed([question]);
    if (vector === undefined) return [];
    const asked = new Set(words(question));
    return segments
      .map((segment) => ({
        segment,
        score:
          (segment.summary === undefined ? 0 : cosine(vector, segment.summary)) +
          jaccard(asked, segment.keywords),
      }))
      .sort((a, b) => b.score - a.score)
      .slice(0, segmentsMax)
      .flatMap(({ segment }) =>
        segment.pages.map((page, i) => ({ page, score: cosine(vector, segment.vectors[i] ?? vector) })),
      )
      .sort((a, b) => b.score - a.score)
      .slice(0, pagesMax)
      .map(({ page }) => ({
        page_id: page.id,
        text: `${page.timestamp}\n${page.user_input}\n${page.agent_response}\n${page.meta_info}`,
      }));
  };
}

function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const shared = [...a].filter((word) => b.has(word)).length;
  const all = a.size + b.size - shared;
  return all === 0 ? 0 : shared / all;
}
