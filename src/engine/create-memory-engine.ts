import { createAnalysisByModel } from '../analysis/by-model/analysis-by-model.js';
import { MemoryError, messageOf } from '../model/errors.js';
import type { AssistantId } from '../model/ids.js';
import type { Operation } from '../model/operation.js';
import type { Page } from '../model/page.js';
import type { AddResult, RetrieveResult } from '../model/results.js';
import type { Analyser, PageReader } from '../ports/analyser.js';
import type { ChatModel } from '../ports/chat-model.js';
import type { Clock } from '../ports/clock.js';
import type { Embedder } from '../ports/embedder.js';
import type { UserStore } from '../ports/memory-store.js';
import { type ModelChanges, noModelChanges } from '../ports/model-changes.js';
import type { Reporter } from '../ports/reporter.js';
import { createRetriever } from '../retrieval/create-retriever.js';
import type { Weights } from '../retrieval/fusion.js';
import { finishForgetting, forget } from './forgetting/forget.js';
import type { AddInput, MemoryEngine, RetrieveInput } from './memory-engine.js';
import { pageFrom } from './page-input.js';
import { checkRetrieval, profileResult, retrieveResult, segmentSummary } from './presenting/answers.js';
import { createChangeFeed } from './presenting/changes.js';
import { statsOf } from './presenting/stats.js';
import { respond } from './respond.js';
import { type EngineSettings, lookEveryMs } from './settings.js';
import { createVisits } from './visits.js';
import { AnalysisWorker } from './worker/analysis-worker.js';
import { createPause, type Pause } from './worker/pause.js';

const factsDefault = 10;

export interface EngineParts {
  readonly store: UserStore;
  /** Reads every page, analyses where no model is configured, and what a model cannot. */
  readonly builtinAnalyser: Analyser & PageReader;
  readonly embedder: Embedder;
  /** Analyses, and answers in `respond`; null where none is configured. */
  readonly chatModel: ChatModel | null;
  readonly clock: Clock;
  readonly settings: EngineSettings;
  readonly assistantId: AssistantId;
  readonly report: Reporter;
  /** Names the backups of this user that hold one of these pages or facts. */
  readonly backupsHolding?: ((ids: ReadonlySet<string>) => Promise<readonly string[]>) | undefined;
  /** Other weights of retrieval's signals, to measure what each gives. */
  readonly signalWeights?: Weights | undefined;
  /** Shared by the memories that ask the same models; left out where there is only one. */
  readonly pause?: Pause | undefined;
  readonly modelChanges?: ModelChanges | undefined;
  /** Fallbacks taken at construction, shown in every profile and status. */
  readonly notices: readonly string[];
}

/** Wires the tiers of one user together and starts its background work. Closing it closes the store. */
export function createMemoryEngine(parts: EngineParts): MemoryEngine {
  const { store, embedder, clock, settings, assistantId, report } = parts;
  const analyser = parts.chatModel === null ? parts.builtinAnalyser : createAnalysisByModel(parts.chatModel);
  const retriever = createRetriever({
    store,
    embedder,
    clock,
    shortTermCapacityPages: settings.shortTermCapacityPages,
    report,
    weights: parts.signalWeights,
    modelChanges: parts.modelChanges,
  });
  const visits = createVisits(store);
  const feed = createChangeFeed(store);
  const worker = new AnalysisWorker({
    ...parts,
    analyser,
    fallback: parts.builtinAnalyser,
    pause: parts.pause ?? createPause(report, parts.modelChanges ?? noModelChanges),
    visits,
    vectorOf: (id) => retriever.segmentVector(id),
  });
  let closed: Promise<void> | null = null;

  // For what other processes wrote, and for work they left.
  const poll = setInterval(() => void look(), lookEveryMs).unref();
  const finishing = finishForgetting(store).catch((error: unknown) => report('error', messageOf(error)));
  worker.wake();

  async function look(): Promise<void> {
    try {
      await visits.save();
      await store.refresh();
      worker.wake();
    } catch (error) {
      // A look that was under way when it was closed finds it closed.
      if (closed === null) report('error', messageOf(error));
    }
  }

  const open = () => {
    if (closed !== null) throw new MemoryError('STORE_CLOSED', 'This memory is closed. Open it again.');
  };

  const notices = () => [...parts.notices, ...store.notices.map((notice) => notice.message)];

  async function addAll(inputs: readonly AddInput[]): Promise<AddResult[]> {
    open();
    const nowMs = clock.now();
    const pages = inputs.map((input) => pageFrom(input, assistantId, nowMs));
    let count = 0;
    await store.transact((state) => {
      count = state.shortTerm.length;
      return pages.map((page): Operation => ({ op: 'page_added', page, segment_id: null }));
    });
    worker.wakeSoon();
    return pages.map((page, index) => added(page, count + index + 1));
  }

  async function retrieve(input: RetrieveInput): Promise<RetrieveResult> {
    open();
    checkRetrieval(input);
    await store.refresh();
    const nowMs = clock.now();
    const found = await retriever.search({
      text: input.query.toWellFormed(),
      nowMs,
      pagesMax: input.maxResults ?? settings.retrievalQueueCapacityPages,
      factsMax: input.maxResults ?? factsDefault,
      assistantId,
      signal: input.signal,
    });
    const segments = found.pages.flatMap((ranked) => (ranked.segmentId === null ? [] : [ranked.segmentId]));
    visits.note(segments, nowMs);
    return retrieveResult(store.state, found, {
      ...input,
      nowMs,
      settings,
      notices: [...notices(), ...found.notices],
    });
  }

  return {
    userId: store.userId,
    assistantId,
    addAll,

    async add(input) {
      const [result] = await addAll([input]);
      if (result === undefined) throw new MemoryError('STORE_IO', 'The page was not stored. Try again.');
      return result;
    },

    retrieve,

    async profile(input = {}) {
      open();
      await store.refresh();
      const about = { userId: store.userId, assistantId, analyser: analyser.name, nowMs: clock.now() };
      return profileResult(store.state, input, { ...about, notices: notices() });
    },

    async longTerm() {
      open();
      await store.refresh();
      return {
        traits: [...store.state.profile.values()],
        userFacts: [...store.state.userKnowledge],
        assistantFacts: [...(store.state.assistantKnowledge.get(assistantId) ?? [])],
      };
    },

    async stats() {
      open();
      await store.refresh();
      await retriever.loaded();
      const usage = parts.chatModel?.usage();
      const llm =
        usage === undefined
          ? null
          : {
              calls: usage.calls,
              prompt_tokens: usage.promptTokens,
              completion_tokens: usage.completionTokens,
            };
      const about = {
        userId: store.userId,
        assistantId,
        analyser: analyser.name,
        ...worker.status(),
        llm,
        index: retriever.status(),
        notices: notices(),
      };
      return statsOf(store.state, settings, about, clock.now());
    },

    async segments() {
      open();
      await visits.save();
      await store.refresh();
      const nowMs = clock.now();
      const all = [...store.state.segments.values()].map((segment) =>
        segmentSummary(segment, nowMs, settings),
      );
      return all.sort((a, b) => b.heat - a.heat);
    },

    async segment(id) {
      open();
      await store.refresh();
      const segment = store.state.segments.get(id);
      if (segment === undefined) {
        throw new MemoryError(
          'NOT_FOUND',
          `There is no segment ${id}. List them with "memoryos-mcp inspect".`,
        );
      }
      return { ...segmentSummary(segment, clock.now(), settings), page_list: [...segment.pages] };
    },

    async forget(input) {
      open();
      return forget(input, parts);
    },

    respond(input) {
      open();
      const check = (exchange: AddInput) => void pageFrom(exchange, assistantId, clock.now());
      const { chatModel } = parts;
      return respond({ chatModel, retrieve, check, add: (exchange) => addAll([exchange]) }, input);
    },

    async flush(options = {}) {
      open();
      await worker.drain(options.shortTerm === true, options.signal);
      await retriever.settled();
    },

    onChange: (listener) => feed.onChange(listener),

    close() {
      closed ??= (async () => {
        clearInterval(poll);
        await finishing;
        await worker.close();
        await visits.save().catch((error: unknown) => report('warning', messageOf(error)));
        await retriever.close();
        // Closing may still find what others wrote.
        await store.close().finally(() => feed.close());
      })();
      return closed;
    },
  };
}

function added(page: Page, shortTermCount: number): AddResult {
  return {
    status: 'success',
    message: 'Stored in short-term memory.',
    page_id: page.id,
    timestamp: page.timestamp,
    short_term_count: shortTermCount,
  };
}
