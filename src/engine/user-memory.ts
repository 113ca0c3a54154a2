import { createAnalysisByModel } from '../analysis/by-model/analysis-by-model.js';
import type { ChangeSource } from '../model/change-log.js';
import { MemoryError, messageOf } from '../model/errors.js';
import type { AssistantId, SegmentId, UserId } from '../model/ids.js';
import type { Loss, Operation } from '../model/operation.js';
import type { Page } from '../model/page.js';
import type { AddResult, SegmentSummary } from '../model/results.js';
import type { Analyser, FullAnalyser } from '../ports/analyser.js';
import type { ChatModel } from '../ports/chat-model.js';
import type { Clock } from '../ports/clock.js';
import type { Embedder } from '../ports/embedder.js';
import type { MeaningReader } from '../ports/meaning-reader.js';
import { type ModelChanges, noModelChanges } from '../ports/model-changes.js';
import type { Reporter } from '../ports/reporter.js';
import type { Slices, StoredMemory } from '../ports/store.js';
import type { RetrievedContext, Retriever, RetrieverParts } from '../retrieval/retriever.js';
import { pauseOfAddMs } from '../tiers/queue.js';
import { askedTimes } from './asked-times.js';
import { mergeSegments } from './editing/merge-segments.js';
import { renameSegment } from './editing/rename-segment.js';
import { splitSegment } from './editing/split-segment.js';
import { update } from './editing/update.js';
import { finishForgetting, forget } from './forgetting/forget.js';
import { MemoryContents } from './memory-contents.js';
import type {
  AddInput,
  ForgetInput,
  MemoryChange,
  MemoryEngine,
  NotedFact,
  ProfileInput,
  RespondInput,
  RetrieveInput,
  SplitInput,
  UpdateInput,
} from './memory-engine.js';
import { type FieldKind, namedInput } from './named-input.js';
import { consolidate, noteFacts, noticeToNote } from './noting/note.js';
import { pageFrom, projectFrom } from './page-input.js';
import { type ChangeFeed, createChangeFeed } from './presenting/changes.js';
import { lossText, otherNotices } from './presenting/losses.js';
import { profileResult } from './presenting/profile-result.js';
import {
  checkRetrieval,
  idsAsked,
  needOfAnswer,
  needOfFound,
  pagesResult,
  retrieveResult,
  wholePages,
} from './presenting/retrieve-result.js';
import { analysisTrouble, needOfStats, statsOf } from './presenting/stats.js';
import { Redactor } from './redactor.js';
import { respond } from './respond.js';
import { needOfSame, sameExchange } from './same-exchange.js';
import { checkEveryMs, type EngineSettings, watchedPollEveryMs } from './settings.js';
import { createVisits, type Visits } from './visits.js';
import { AnalysisWorker } from './worker/analysis-worker.js';
import { ModelFitness } from './worker/model-fitness.js';
import { createPause, type Pause } from './worker/pause.js';

const factsDefault = 10;

const addFields = {
  userInput: 'text',
  agentResponse: 'text',
  timestamp: 'text',
  metaData: 'object',
  facts: 'list',
  project: 'text',
  key: 'text',
} as const satisfies Record<keyof AddInput, FieldKind>;

const retrieveFields = {
  query: 'text',
  project: 'text',
  shortTerm: 'flag',
  relationshipWithUser: 'text',
  styleHint: 'text',
  maxResults: 'number',
  maxTokens: 'number',
  relevanceMin: 'number',
  since: 'text',
  until: 'text',
  knownPageIds: 'list',
  explain: 'flag',
  signal: 'object',
} as const satisfies Record<keyof RetrieveInput, FieldKind>;

export interface MemoryParts {
  readonly store: StoredMemory;
  /** Creates the search over this memory. */
  readonly openRetriever: (parts: RetrieverParts) => Retriever;
  /** Reads every page; analyses when no model is configured, and what a model cannot. */
  readonly builtinAnalyser: FullAnalyser;
  /** Embeds summaries of topics, to find the segments they join. */
  readonly embedder: Embedder;
  /** Reads pages, facts and questions by meaning; without it, search uses only words. */
  readonly meaningReader?: MeaningReader | null | undefined;
  /** Analyses, and answers in `respond`; null when none is configured. */
  readonly chatModel: ChatModel | null;
  readonly clock: Clock;
  readonly settings: EngineSettings;
  readonly assistantId: AssistantId;
  readonly report: Reporter;
  /** Returns the user's backups that contain one of these pages or facts. */
  readonly backupsHolding?: ((ids: ReadonlySet<string>) => Promise<readonly string[]>) | undefined;
  /** Deletes the user's unfinished backups. */
  readonly dropUnfinishedBackups?: (() => Promise<void>) | undefined;
  /** Shared by the memories that use the same models; absent when there is only one memory. */
  readonly pause?: Pause | undefined;
  readonly modelChanges?: ModelChanges | undefined;
  /** Shared like `pause`. */
  readonly fitness?: ModelFitness | undefined;
  /** Fallbacks chosen at construction; shown in every profile and status. */
  readonly notices: readonly string[];
  /** Runs before the memory closes, while it is still readable. */
  readonly beforeClose?: (() => Promise<void>) | undefined;
}

/** One user's memory: the tiers together with their background work, which starts at construction. */
export class UserMemory extends MemoryContents implements MemoryEngine {
  readonly userId: UserId;
  readonly assistantId: AssistantId;
  readonly #parts: MemoryParts;
  readonly #store: StoredMemory;
  readonly #analyser: Analyser;
  readonly #retriever: Retriever;
  readonly #visits: Visits;
  readonly #fitness: ModelFitness;
  readonly #redactor: Redactor;
  readonly #feed: ChangeFeed;
  readonly #worker: AnalysisWorker;
  readonly #polling: NodeJS.Timeout;
  readonly #finishing: Promise<void>;
  /** Losses that this process has reported. */
  readonly #told = new Set<string>();
  /** Of the monotonic clock: while the store is watched, nothing is checked before this time. */
  #nextPollMs = 0;
  #closed: Promise<void> | null = null;

  constructor(parts: MemoryParts) {
    super(parts);
    const { store, embedder, clock, settings, report } = parts;
    this.#parts = parts;
    this.#store = store;
    this.userId = store.userId;
    this.assistantId = parts.assistantId;
    this.#analyser =
      parts.chatModel === null
        ? parts.builtinAnalyser
        : createAnalysisByModel(parts.chatModel, parts.builtinAnalyser);
    this.#retriever = parts.openRetriever({
      embedder,
      reader: parts.meaningReader ?? null,
      clock,
      shortTermCapacityPages: settings.shortTermCapacityPages,
      report,
      timeZone: settings.timeZone,
      modelChanges: parts.modelChanges,
      readsInBackground: settings.worksInBackground,
    });
    this.#redactor = new Redactor(settings.redactsSecrets);
    this.#visits = createVisits(store);
    this.#fitness = parts.fitness ?? new ModelFitness();
    this.#feed = createChangeFeed(store);
    this.#worker = new AnalysisWorker({
      ...parts,
      analyser: this.#analyser,
      fallback: parts.builtinAnalyser,
      pause: parts.pause ?? createPause(report, parts.modelChanges ?? noModelChanges),
      fitness: this.#fitness,
      visits: this.#visits,
      vectorOf: (id) => this.#retriever.segmentVector(id),
    });
    // Checks for changes that other processes wrote, and for work they left.
    this.#polling = setInterval(() => void this.#poll(), checkEveryMs).unref();
    this.#finishing = finishForgetting(store).catch((error: unknown) => report('error', messageOf(error)));
    void this.#poll();
  }

  /** Position of the memory. Readable after closing, too. */
  get position(): string {
    return this.#store.position;
  }

  async add(input: AddInput): Promise<AddResult> {
    const [result] = await this.addAll([input]);
    if (result === undefined) throw new MemoryError('STORE_IO', 'The page was not stored. Try again.');
    return result;
  }

  async addAll(inputs: readonly AddInput[]): Promise<AddResult[]> {
    this.checkOpen();
    const store = this.#store;
    const nowMs = this.#parts.clock.now();
    const { settings } = this.#parts;
    const named = inputs.map((input) => namedInput(input, 'add', addFields));
    const checked = named.map((input) => pageFrom(input, this.assistantId, nowMs, settings.timeZone));
    const pages: Page[] = [];
    for (const page of checked) pages.push(await this.#redactor.page(page));
    let stored: StoredPage[] = [];
    let notices: string[] = [];
    const need = { ...needOfSame(pages), counts: true, losses: true, troubles: true } as const;
    let pauseMs = 0;
    await store.transact(need, ({ counts, losses, troubles, ...known }) => {
      const fresh: Page[] = [];
      stored = pages.map((given) => {
        const same = sameExchange(known, given) ?? fresh.find(({ id }) => id === given.id);
        if (same === undefined) fresh.push(given);
        const count = counts.shortTerm + fresh.length;
        const page = same ?? given;
        return { page, result: added(page, count, same === undefined ? addedMessage : knownMessage) };
      });
      notices = losses.map(lossText);
      pauseMs = troubles.size > 0 ? 0 : this.#pauseOfAddMs(counts);
      return fresh.map((page): Operation => ({ op: 'page_added', page, segment_id: null }));
    });
    if (settings.worksInBackground) this.#worker.wakeSoon();
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    const told = await this.#withFacts(stored, named);
    return notices.length === 0 ? told : told.map((result) => ({ ...result, notices }));
  }

  /** The pause before an add is answered. With a model there is none, because an add never waits for a model. */
  #pauseOfAddMs(counts: Slices['counts']): number {
    const { chatModel, settings } = this.#parts;
    return chatModel === null ? pauseOfAddMs(counts, settings.shortTermCapacityPages) : 0;
  }

  /** What came with the exchanges as facts, once these are stored: no fact can keep an exchange from being stored. */
  async #withFacts(stored: readonly StoredPage[], inputs: readonly AddInput[]): Promise<AddResult[]> {
    const results: AddResult[] = [];
    for (const [index, { page, result }] of stored.entries()) {
      const kept: NotedFact[] = [];
      for (const fact of inputs[index]?.facts ?? []) kept.push(await this.#keptFact(fact));
      results.push(kept.length === 0 ? result : { ...result, ...(await noteFacts(page, kept, this.#parts)) });
    }
    return results;
  }

  /** The fact without what must not be stored, so that its quote matches the stored page. */
  async #keptFact(given: NotedFact): Promise<NotedFact> {
    const text = async (value: unknown) => (typeof value === 'string' ? this.#redactor.text(value) : '');
    return { ...given, fact: await text(given.fact), quote: await text(given.quote) };
  }

  async retrieve(given: RetrieveInput) {
    this.checkOpen();
    // Callers without a type checker may leave the query out.
    const named: Partial<RetrieveInput> = namedInput(given, 'retrieve', retrieveFields);
    const input = { ...named, query: named.query ?? '' };
    checkRetrieval(input);
    const { clock, settings } = this.#parts;
    const nowMs = clock.now();
    const times = askedTimes(input, nowMs, settings.timeZone);
    const asked = { ...input, nowMs, settings };
    const ids = idsAsked(input.query);
    if (ids !== null) {
      const { pages, losses } = await this.#store.read({ pages: ids, losses: true });
      return pagesResult(wholePages(pages, ids), { ...asked, notices: this.#notices(losses) });
    }
    const known = await this.#store.read(needOfAnswer(settings));
    const found = await this.#retriever.search({
      text: await this.#redactor.text(input.query.toWellFormed()),
      nowMs,
      pagesMax: input.maxResults ?? settings.retrievalQueueCapacityPages,
      factsMax: input.maxResults ?? factsDefault,
      relevanceMin: input.relevanceMin ?? settings.relevanceMin ?? 'fitted',
      ...times,
      assistantId: this.assistantId,
      project: projectFrom(input.project),
      facts: known.facts,
      signal: input.signal,
    });
    const segments = found.pages.flatMap((ranked) => (ranked.segmentId === null ? [] : [ranked.segmentId]));
    this.#visits.note(segments, nowMs);
    return retrieveResult({ ...known, ...(await this.#readFound(known, found)) }, found, {
      ...asked,
      notices: [
        ...this.#notices(known.losses),
        ...this.#analysisNotices(known),
        ...found.notices,
        ...noticeToNote(known.counts),
      ],
    });
  }

  /** Usually nothing is needed, and then nothing is read. */
  async #readFound(
    known: Pick<Slices, 'facts'>,
    found: RetrievedContext,
  ): Promise<Pick<Slices, 'pages' | 'heads'>> {
    const need = needOfFound(known, found);
    const isNothing = need.pages.length + need.heads.length === 0;
    return isNothing ? { pages: new Map(), heads: new Map() } : this.#store.read(need);
  }

  async profile(input: ProfileInput = {}) {
    this.checkOpen();
    const need = { profile: true, facts: [null, this.assistantId], losses: true } as const;
    const known = await this.#store.read(need);
    return profileResult(known, input, {
      userId: this.userId,
      assistantId: this.assistantId,
      analyser: this.#analyser.name,
      nowMs: this.#parts.clock.now(),
      notices: this.#notices(known.losses),
    });
  }

  async stats() {
    this.checkOpen();
    const known = await this.#store.read(needOfStats(this.#parts.settings, this.assistantId));
    await this.#retriever.loaded();
    const { chatModel, settings, clock } = this.#parts;
    const usage = chatModel?.usage();
    const llm =
      usage === undefined
        ? null
        : {
            calls: usage.calls,
            prompt_tokens: usage.promptTokens,
            completion_tokens: usage.completionTokens,
          };
    const about = {
      userId: this.userId,
      assistantId: this.assistantId,
      analyser: this.#analyser.name,
      ...this.#worker.status(),
      llm,
      index: this.#retriever.status(),
      notices: this.#notices(known.losses),
    };
    return statsOf(known, settings, about, clock.now());
  }

  override async segments(atMs?: number): Promise<SegmentSummary[]> {
    this.checkOpen();
    await this.#visits.save();
    return super.segments(atMs);
  }

  async forget(input: ForgetInput) {
    this.checkOpen();
    return forget(input, this.#parts);
  }

  async consolidate(answer?: string) {
    this.checkOpen();
    return consolidate(answer && (await this.#redactor.text(answer)), this.#parts);
  }

  async update(input: UpdateInput) {
    this.checkOpen();
    if (input.knowledge === undefined) return update(input, this.#parts);
    return update({ ...input, knowledge: await this.#redactor.text(input.knowledge) }, this.#parts);
  }

  async renameSegment(id: SegmentId, theme: string, by: ChangeSource = 'library'): Promise<SegmentSummary> {
    this.checkOpen();
    await renameSegment(id, theme, by, this.#parts);
    return this.#summary(id);
  }

  async mergeSegments(
    into: SegmentId,
    from: readonly SegmentId[],
    by: ChangeSource = 'library',
  ): Promise<SegmentSummary> {
    this.checkOpen();
    await this.#visits.save();
    await mergeSegments(into, from, by, this.#parts);
    return this.#summary(into);
  }

  async splitSegment(id: SegmentId, input: SplitInput): Promise<SegmentSummary> {
    this.checkOpen();
    const { builtinAnalyser: analyser } = this.#parts;
    const split = { id, ...input, by: input.by ?? ('library' as const) };
    return this.#summary(await splitSegment(split, { ...this.#parts, analyser }));
  }

  async #summary(id: SegmentId): Promise<SegmentSummary> {
    const { page_list: _, ...summary } = await this.segment(id);
    return summary;
  }

  respond(input: RespondInput): AsyncIterable<string> {
    this.checkOpen();
    const { chatModel, clock, settings } = this.#parts;
    return respond(
      {
        chatModel,
        retrieve: (query) => this.retrieve(query),
        redactor: this.#redactor,
        check: (exchange) => void pageFrom(exchange, this.assistantId, clock.now(), settings.timeZone),
        add: (exchange) => this.addAll([exchange]),
      },
      input,
    );
  }

  async flush(options: { readonly shortTerm?: boolean; readonly signal?: AbortSignal } = {}): Promise<void> {
    this.checkOpen();
    await this.#worker.drain(options.shortTerm === true, options.signal);
    await this.#retriever.settled();
  }

  onChange(listener: (change: MemoryChange) => void): () => void {
    return this.#feed.onChange(listener);
  }

  close(): Promise<void> {
    this.#closed ??= this.#closeAll();
    return this.#closed;
  }

  async #closeAll(): Promise<void> {
    const { beforeClose, report } = this.#parts;
    await beforeClose?.();
    clearInterval(this.#polling);
    await this.#finishing;
    await this.#worker.close();
    await this.#visits.save().catch((error: unknown) => report('warning', messageOf(error)));
    await this.#retriever.close();
    // Closing may still find changes that others wrote.
    await this.#store.close().finally(() => this.#feed.close());
  }

  async #poll(): Promise<void> {
    try {
      await this.#visits.save();
      const nowMs = performance.now();
      if (this.#closed !== null || (this.#store.isWatched && nowMs < this.#nextPollMs)) return;
      this.#nextPollMs = nowMs + watchedPollEveryMs;
      this.#tellLosses((await this.#store.read({ losses: true })).losses);
      if (this.#parts.settings.worksInBackground) this.#worker.wake();
    } catch (error) {
      // A check in progress fails when the memory is closed.
      if (this.#closed === null) this.#parts.report('error', messageOf(error));
    }
  }

  protected override checkOpen(): void {
    if (this.#closed !== null) {
      throw new MemoryError('STORE_CLOSED', 'This memory is closed. Open it again.');
    }
  }

  /** Tells searchers that a provider is down, because nothing new is learned meanwhile. */
  #analysisNotices(known: Pick<Slices, 'troubles'>): string[] {
    const reason = this.#worker.status().pausedBy ?? analysisTrouble(known)?.last_error;
    if (reason === undefined) return [];
    return [`New conversations are stored but not analysed at the moment: ${reason}`];
  }

  #notices(losses: readonly Loss[]): string[] {
    return [
      ...this.#unfitNotice(),
      ...losses.map(lossText),
      ...this.#parts.notices,
      ...otherNotices(this.#store.notices, losses),
    ];
  }

  #unfitNotice(): string[] {
    const untilMs = this.#fitness.unfitUntilMs(this.#parts.clock.now());
    if (untilMs === null) return [];
    const until = new Date(untilMs).toISOString().slice(0, 16).replace('T', ' ');
    return [
      `${this.#analyser.name} gave no usable answers. The built-in analyser replaces it until ${until} UTC; then it is tried again.`,
    ];
  }

  /** Reports losses once per process, including those that another process recorded. */
  #tellLosses(losses: readonly Loss[]): void {
    for (const loss of losses) {
      if (this.#told.has(loss.message)) continue;
      this.#told.add(loss.message);
      this.#parts.report('error', lossText(loss));
    }
  }
}

/** A page stored now or earlier, and the answer that confirms it. */
interface StoredPage {
  readonly page: Page;
  readonly result: AddResult;
}

const addedMessage = 'Stored in short-term memory.';
const knownMessage = 'This exchange was already stored.';

function added(page: Page, shortTermCount: number, message: string): AddResult {
  return {
    status: 'success',
    message,
    page_id: page.id,
    timestamp: page.timestamp,
    short_term_count: shortTermCount,
  };
}
