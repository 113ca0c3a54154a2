import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createFileStore } from '../../src/adapters/files/file-store.js';
import { createOpenAiEmbedder } from '../../src/adapters/openai/embedder.js';
import { createBuiltinAnalyser } from '../../src/analysis/builtin/builtin-analyser.js';
import type { LocomoConversation } from '../../src/cli/demo/locomo.js';
import type { MemoryEngine } from '../../src/engine/memory-engine.js';
import { UserMemory } from '../../src/engine/user-memory.js';
import { type PageId, toAssistantId, toUserId } from '../../src/model/ids.js';
import type { Page } from '../../src/model/page.js';
import type { ChatModel } from '../../src/ports/chat-model.js';
import type { Clock } from '../../src/ports/clock.js';
import type { Embedder } from '../../src/ports/embedder.js';
import type { MeaningReader } from '../../src/ports/meaning-reader.js';
import type { UserStore } from '../../src/ports/memory-store.js';
import { createBuiltinEmbedder } from '../../src/retrieval/builtin-embedder.js';
import type { Weights } from '../../src/retrieval/fusion.js';
import { readerOf } from '../../src/retrieval/meaning/reader-of.js';
import { SentenceModel } from '../../src/retrieval/meaning/sentence-model.js';
import { MemoryRetriever } from '../../src/retrieval/memory-retriever.js';
import { stored } from '../../tests/support/on-store.js';

const dayMs = 86_400_000;

export interface MemoryChoice {
  /** `builtin`, `words`, or the name of a model behind OPENAI_BASE_URL. */
  readonly embedder: string;
  readonly weights: Weights;
  /** Default: the settings that users have. */
  readonly answerTokensMax?: number;
  readonly relevanceMin?: number;
  /** Analyses the pages; without it the built-in analyser does. */
  readonly chatModel?: ChatModel | null;
  /** A folder that keeps the memory, so that a second run need not add and analyse it again. Default: a temporary one. */
  readonly folder?: string | undefined;
}

export interface OpenedMemory {
  readonly engine: MemoryEngine;
  readonly store: UserStore;
  /** Embeds summaries, and for the paper's ranking pages. */
  readonly embedder: Embedder;
  readonly reader: MeaningReader | null;
  readonly clock: Clock;
  /** The place of each stored page in the conversation. */
  readonly pageAt: ReadonlyMap<PageId, number>;
  readonly addMs: readonly number[];
  close(): Promise<void>;
}

export function embedderNamed(name: string): Embedder {
  if (name === 'builtin' || name === 'words') return createBuiltinEmbedder();
  return createOpenAiEmbedder({
    model: name,
    baseUrl: process.env.OPENAI_BASE_URL ?? 'https://api.openai.com/v1',
    apiKey: process.env.OPENAI_API_KEY ?? '',
  });
}

/** All memories share one model, as in a server. */
const sentenceModel = new SentenceModel();

function readerNamed(name: string, embedder: Embedder): MeaningReader | null {
  if (name === 'builtin') return sentenceModel;
  return name === 'words' ? null : readerOf(embedder);
}

/**
 * Tells a conversation to the real engine on a real folder, exchange by exchange, and lets short-term memory
 * migrate. Questions are asked a day after its end.
 */
export async function remember(
  conversation: LocomoConversation,
  choice: MemoryChoice,
): Promise<OpenedMemory> {
  const folder = choice.folder ?? (await mkdtemp(path.join(tmpdir(), 'memoryos-locomo-')));
  const end = Math.max(...conversation.pages.map((page) => Date.parse(page.timestamp)));
  const clock = { now: () => end + dayMs };
  const embedder = embedderNamed(choice.embedder);
  const reader = readerNamed(choice.embedder, embedder);
  const store = await createFileStore({ dataDir: folder, clock }).open(toUserId(conversation.user));
  const engine = new UserMemory({
    store: stored(store),
    openRetriever: (parts) => new MemoryRetriever({ ...parts, store, weights: choice.weights }),
    embedder,
    meaningReader: reader,
    builtinAnalyser: createBuiltinAnalyser(),
    chatModel: choice.chatModel ?? null,
    clock,
    report: (level, message) => {
      if (level === 'warning' || level === 'error') process.stderr.write(`${message}\n`);
    },
    notices: [],
    assistantId: toAssistantId(conversation.assistant),
    settings: {
      worksInBackground: true,
      shortTermCapacityPages: 10,
      midTermCapacitySegments: 2000,
      knowledgeCapacityFacts: 100,
      retrievalQueueCapacityPages: 10,
      answerTokensMax: choice.answerTokensMax ?? 1200,
      relevanceMin: choice.relevanceMin ?? null,
      timeZone: 'UTC',
      redactsSecrets: true,
      heatMin: 5,
      similarityMin: 0.6,
      heatWeights: { alpha: 1, beta: 1, gamma: 1, recencyTauMs: dayMs },
      retryBaseMs: 1000,
      retryMaxMs: 10_000,
    },
  });
  const pageAt = new Map<PageId, number>();
  const addMs: number[] = [];
  const told = new Map(
    [...store.state.shortTerm, ...[...store.state.segments.values()].flatMap(({ pages }) => pages)].map(
      (page) => [saidIn(page), page.id],
    ),
  );
  for (const [at, page] of conversation.pages.entries()) {
    const before = told.get(saidIn(page));
    if (before !== undefined) {
      pageAt.set(before, at);
      continue;
    }
    const startMs = performance.now();
    const { page_id } = await engine.add({
      userInput: page.user_input,
      agentResponse: page.agent_response,
      timestamp: page.timestamp,
    });
    addMs.push(performance.now() - startMs);
    pageAt.set(page_id, at);
  }
  await engine.flush({ shortTerm: true });
  return {
    engine,
    store,
    embedder,
    reader,
    clock,
    pageAt,
    addMs,
    async close() {
      await engine.close();
      if (choice.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

function saidIn(page: Pick<Page, 'timestamp' | 'user_input' | 'agent_response'>): string {
  return JSON.stringify([Date.parse(page.timestamp), page.user_input, page.agent_response]);
}
