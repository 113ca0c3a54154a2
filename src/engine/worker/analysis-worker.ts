import { MemoryError, type MemoryErrorCode, messageOf } from '../../model/errors.js';
import type { SegmentId } from '../../model/ids.js';
import type { AnalysisTrouble, Operation } from '../../model/operation.js';
import type { Page } from '../../model/page.js';
import type { Analyser, PageReader } from '../../ports/analyser.js';
import type { Clock } from '../../ports/clock.js';
import type { Embedder } from '../../ports/embedder.js';
import type { Reporter } from '../../ports/reporter.js';
import type { Answer, Need, Slices, StoredMemory, WorkClaim } from '../../ports/store.js';
import {
  commitPromotion,
  needOfPromotion,
  needOfPromotionCommit,
  type PromotionContext,
  planPromotion,
} from '../../tiers/mid-to-long.js';
import { commitReading, needOfReading, needOfReadingCommit, planReading } from '../../tiers/reading.js';
import {
  commitMigration,
  type MigrationContext,
  needOfMigration,
  needOfMigrationCommit,
  planMigration,
} from '../../tiers/short-to-mid.js';
import type { EngineSettings } from '../settings.js';
import type { Visits } from '../visits.js';
import {
  backoffMs,
  contentFailuresMax,
  isDue,
  type Job,
  jobsOf,
  needOfJobs,
  needWithinCapacity,
  readingKey,
  type Waiting,
} from './jobs.js';
import type { ModelFitness } from './model-fitness.js';
import type { Held, Pause } from './pause.js';
import { Turns } from './turns.js';

/** After this many conflicts in a row with other writers, a job waits like a failed one. */
const conflictsMax = 20;
const otherProcessPollMs = 200;
/** How long new pages are collected before they are read together. */
const gatheringMs = 100;

/**
 * Reading runs beside the other jobs. So what was just said is known at once, even if a model takes a minute
 * for a batch, and constant reading does not delay batches.
 */
const lanes = ['reading', 'analysis'] as const;
type Lane = (typeof lanes)[number];

function laneOf(job: Job): Lane {
  return job.kind === 'read' ? 'reading' : 'analysis';
}

export interface AnalysisWorkerParts {
  readonly store: StoredMemory;
  readonly analyser: Analyser;
  /**
   * Reads single pages, and does jobs that a model cannot; the same object as `analyser` when there is no
   * model.
   */
  readonly fallback: Analyser & PageReader;
  readonly pause: Pause;
  readonly fitness: ModelFitness;
  readonly embedder: Embedder;
  readonly vectorOf: MigrationContext['vectorOf'];
  readonly visits: Visits;
  readonly clock: Clock;
  readonly settings: EngineSettings;
  readonly report: Reporter;
}

/** Reads, migrates and analyses one user's memory, in one process at a time. */
export class AnalysisWorker {
  readonly #parts: AnalysisWorkerParts;
  readonly #closing = new AbortController();
  readonly #rejected: Record<string, number> = {};
  /** Jobs that have been tried since this process started. */
  readonly #triedSinceStart = new Set<string>();
  readonly #turns = new Turns();
  #running: Promise<void> | null = null;
  /** After a provider failed, all jobs that use it wait until this time. */
  #providerBackAtMs = 0;
  #conflicts = 0;
  /** The waiting work as last read. */
  #waiting: Waiting | null = null;
  /** Whether new work was announced while the worker looked for work. */
  #isWoken = false;
  /** How often work was announced, and functions that wake idle lanes. */
  readonly #lanes = { wakes: 0, idle: [] as (() => void)[] };
  #retryTimer: NodeJS.Timeout | undefined;
  #wakeTimer: NodeJS.Timeout | undefined;

  constructor(parts: AnalysisWorkerParts) {
    this.#parts = parts;
  }

  /** Announces that there may be work. Returns at once. */
  wake(): void {
    if (this.#closing.signal.aborted) return;
    if (this.#running !== null) {
      this.#isWoken = true;
      this.#wakeLanes();
    } else this.#run(false).catch(() => undefined);
  }

  /**
   * Announces new pages. They are read together a moment later, so that an add does not wait for the reading.
   */
  wakeSoon(): void {
    if (this.#wakeTimer !== undefined || this.#closing.signal.aborted) return;
    this.#wakeTimer = setTimeout(() => {
      this.#wakeTimer = undefined;
      this.wake();
    }, gatheringMs).unref();
  }

  /** Resolves when no job is left that can run now. `shortTerm`: also migrates all of short-term memory. */
  async drain(shortTerm: boolean, signal?: AbortSignal): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      const worked = await this.#run(shortTerm);
      if (worked) return;
      await new Promise((resolve) => setTimeout(resolve, otherProcessPollMs));
      if (this.#closing.signal.aborted || (await this.#nextJob(shortTerm, null)) === undefined) return;
    }
  }

  /** `pausedBy`: the error that retrying cannot fix; null when nothing is paused. */
  status(): { readonly pausedBy: string | null; readonly rejected: Readonly<Record<string, number>> } {
    return { pausedBy: this.#parts.pause.reason(), rejected: this.#rejected };
  }

  /** Cancels the running job and stops. */
  async close(): Promise<void> {
    this.#closing.abort(new MemoryError('CANCELLED', 'The memory is closing.'));
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#wakeTimer);
    this.#wakeLanes();
    await this.#running;
  }

  #analyserFor(job: Job, trouble: AnalysisTrouble | undefined): Analyser {
    const { fitness, clock } = this.#parts;
    const isUnfit =
      (trouble?.content_failures ?? 0) >= contentFailuresMax || fitness.unfitUntilMs(clock.now()) !== null;
    return isUnfit || job.kind === 'read' ? this.#parts.fallback : this.#parts.analyser;
  }

  #canRun(job: Job, trouble: AnalysisTrouble | undefined, nowMs: number, held: Held): boolean {
    const due = isDue(trouble, nowMs);
    // Reading uses neither a model nor an embedder.
    if (job.kind === 'read') return due || !this.#triedSinceStart.has(job.key);
    if (held === 'all') return false;
    if (this.#analyserFor(job, trouble) === this.#parts.fallback)
      return due || !this.#triedSinceStart.has(job.key);
    if (held === 'model' || this.#providerBackAtMs > nowMs) return false;
    return due;
  }

  async #nextJob(drain: boolean, lane: Lane | null): Promise<TroubledJob | undefined> {
    const { store, settings, clock, pause } = this.#parts;
    let waiting: Waiting = await store.read(needWithinCapacity(settings));
    if (waiting.counts.segments > settings.midTermCapacitySegments) {
      waiting = await store.read(needOfJobs(settings));
    }
    this.#waiting = waiting;
    const nowMs = clock.now();
    const held = pause.held();
    const jobs = this.#turns.inTurn(jobsOf(waiting, settings, nowMs, drain));
    return jobs
      .filter((job) => lane === null || laneOf(job) === lane)
      .map((job) => ({ job, trouble: waiting.troubles.get(job.key) }))
      .find(({ job, trouble }) => this.#canRun(job, trouble, nowMs, held));
  }

  async #work(drain: boolean): Promise<boolean> {
    const { store, visits } = this.#parts;
    this.#isWoken = false;
    await visits.save();
    if ((await this.#nextJob(drain, null)) === undefined) {
      await store.rest(this.#nextAtMs());
      return true;
    }
    const claim = await store.claimWork();
    if (claim === null) return false;
    try {
      await this.#workInLanes(drain, claim);
      return this.#closing.signal.aborted || claim.held;
    } finally {
      await claim.release(this.#nextAtMs());
    }
  }

  /**
   * Each lane runs its jobs one after another until neither lane has any. An idle lane looks again when it is
   * woken.
   */
  async #workInLanes(drain: boolean, claim: WorkClaim): Promise<void> {
    let busy: number = lanes.length;
    const isOver = () => busy === 0 || this.#closing.signal.aborted || !claim.held;
    const work = async (lane: Lane) => {
      while (!isOver()) {
        const { wakes } = this.#lanes;
        await this.#parts.visits.save();
        const next = await this.#nextJob(drain, lane);
        if (next !== undefined) {
          this.#turns.take(next.job);
          await this.#attempt(next);
        } else if (wakes === this.#lanes.wakes) {
          busy -= 1;
          if (isOver()) return;
          await new Promise<void>((resolve) => this.#lanes.idle.push(resolve));
          if (isOver()) return;
          busy += 1;
        }
      }
    };
    await Promise.all(lanes.map((lane) => work(lane).finally(() => this.#wakeLanes())));
  }

  #wakeLanes(): void {
    this.#lanes.wakes += 1;
    for (const resolve of this.#lanes.idle.splice(0)) resolve();
  }

  async #attempt({ job, trouble }: TroubledJob): Promise<void> {
    const { pause, fallback, fitness, clock, settings } = this.#parts;
    const analyser = this.#analyserFor(job, trouble);
    const { mark } = pause;
    this.#triedSinceStart.add(job.key);
    try {
      await this.#carryOut(job, analyser, trouble);
      if (analyser !== fallback) fitness.didWell();
      this.#triedSinceStart.delete(job.key);
      this.#conflicts = 0;
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      const code = error instanceof MemoryError ? error.code : undefined;
      // The built-in analyser uses no model, so the embedder must have rejected.
      if (code === 'MODEL_REJECTED')
        pause.begin(analyser === fallback ? 'all' : 'model', messageOf(error), mark);
      if (code === 'CONFLICT' && ++this.#conflicts <= conflictsMax) return;
      if (isOfContent(code) && analyser !== fallback) fitness.failed(clock.now(), settings.retryMaxMs);
      await this.#recordFailure(job, error, code);
    }
  }

  async #carryOut(job: Job, analyser: Analyser, trouble: AnalysisTrouble | undefined): Promise<void> {
    switch (job.kind) {
      case 'read':
        return this.#read(job, trouble);
      case 'migrate':
        return this.#migrate(job, analyser);
      case 'promote':
        return this.#promote(job, analyser);
      case 'evict':
        await this.#readSegment(job.segmentId);
        await this.#promote(job, analyser);
        return this.#evict(job);
      default:
        return job satisfies never;
    }
  }

  async #read(job: Extract<Job, { kind: 'read' }>, trouble: AnalysisTrouble | undefined): Promise<void> {
    const { store, fallback, settings, clock, report } = this.#parts;
    if (trouble !== undefined && trouble.attempts >= contentFailuresMax) {
      report('error', `Page ${job.pages[0].id} could not be read: ${trouble.last_error} It gives no facts.`);
      await store.transact({ troubles: true }, ({ troubles }) => [
        { op: 'pages_read', page_ids: [job.pages[0].id] },
        ...recoveredReadings(troubles, job.pages),
      ]);
      return;
    }
    const known = await store.read(needOfReading(job.pages));
    const plan = await planReading(known, job.pages, fallback, this.#closing.signal);
    this.#countRejected(plan.reading.rejected);
    await store.transact({ ...needOfReadingCommit(plan), troubles: true }, (slices) => [
      ...commitReading(slices, plan, settings.knowledgeCapacityFacts, clock.now()),
      ...recoveredReadings(slices.troubles, job.pages),
    ]);
  }

  /** Reads a segment before it leaves mid-term memory. */
  async #readSegment(segmentId: SegmentId): Promise<void> {
    const { segments } = await this.#parts.store.read({ segments: [segmentId] });
    const [first, ...rest] = (segments.get(segmentId)?.pages ?? []).filter((page) => !page.read);
    if (first === undefined) return;
    try {
      await this.#read({ kind: 'read', key: readingKey(first), pages: [first, ...rest] }, undefined);
    } catch (error) {
      // The reading lane read the pages at the same time.
      if (!(error instanceof MemoryError && error.code === 'CONFLICT')) throw error;
    }
  }

  async #migrate(job: Extract<Job, { kind: 'migrate' }>, analyser: Analyser): Promise<void> {
    const { store, embedder, vectorOf, settings, clock } = this.#parts;
    const context = {
      analyser,
      embedder,
      vectorOf,
      similarityMin: settings.similarityMin,
      signal: this.#closing.signal,
    };
    const plan = await planMigration(await store.read(needOfMigration), job.pages, context);
    this.#countRejected(plan.analysis.rejected);
    await this.#commit(job, needOfMigrationCommit(plan), (slices) =>
      commitMigration(slices, plan, context, clock.now()),
    );
  }

  async #promote(job: Extract<Job, { kind: 'promote' | 'evict' }>, analyser: Analyser): Promise<void> {
    const { store, embedder, settings, clock } = this.#parts;
    const known = await store.read(needOfPromotion(job.segmentId));
    const segment = known.segments.get(job.segmentId);
    if (segment?.pages.every((page) => page.analysed) !== false) return;
    const context: PromotionContext = {
      analyser,
      embedder,
      capacityFacts: settings.knowledgeCapacityFacts,
      signal: this.#closing.signal,
    };
    const plan = await planPromotion(known, segment, context);
    this.#countRejected(plan.analysis.rejected);
    await this.#commit(job, needOfPromotionCommit(plan), (slices) =>
      commitPromotion(slices, plan, settings.knowledgeCapacityFacts, clock.now()),
    );
  }

  async #evict(job: Extract<Job, { kind: 'evict' }>): Promise<void> {
    const { settings } = this.#parts;
    await this.#commit(job, { heads: [job.segmentId], counts: true }, ({ heads, counts }) => {
      const segment = heads.get(job.segmentId);
      const finished = segment?.unanalysed === 0 && segment.unread === 0;
      const needed = counts.segments > settings.midTermCapacitySegments;
      return finished && needed ? [{ op: 'segment_archived', segment_id: job.segmentId }] : [];
    });
  }

  #countRejected(counts: Readonly<Record<string, number>>): void {
    for (const [reason, count] of Object.entries(counts)) {
      this.#rejected[reason] = (this.#rejected[reason] ?? 0) + count;
    }
  }

  async #commit<N extends Need>(
    job: Job,
    need: N,
    decide: (slices: Answer<N>) => Operation[],
  ): Promise<void> {
    const { store } = this.#parts;
    await store.transact<Need>({ ...need, troubles: true }, (slices) => [
      ...decide(slices as Answer<N>),
      ...(slices.troubles.has(job.key) ? [{ op: 'analysis_recovered' as const, job: job.key }] : []),
    ]);
  }

  async #recordFailure(job: Job, error: unknown, code: MemoryErrorCode | undefined): Promise<void> {
    const { store, settings, clock, report, fitness } = this.#parts;
    const nowMs = clock.now();
    const { troubles } = await store.read({ troubles: true });
    const before = troubles.get(job.key);
    const attempts = (before?.attempts ?? 0) + 1;
    const ofContent = isOfContent(code);
    // The built-in analyser need not wait for an unusable model.
    const isUnfit = ofContent && fitness.unfitUntilMs(nowMs) !== null;
    const pauseMs = isUnfit ? 0 : backoffMs(attempts, settings);
    if (code !== 'MODEL_REJECTED') {
      if (!ofContent && job.kind !== 'read') this.#providerBackAtMs = nowMs + pauseMs;
      const level = code?.startsWith('MODEL_') ? 'warning' : 'error';
      report(
        level,
        `Analysis failed (attempt ${attempts}, next in ${Math.ceil(pauseMs / 1000)} s): ${messageOf(error)}`,
      );
    }
    const trouble: AnalysisTrouble = {
      job: job.key,
      attempts,
      content_failures: (before?.content_failures ?? 0) + (ofContent ? 1 : 0),
      last_error: messageOf(error).slice(0, 500),
      failed_at: new Date(nowMs).toISOString(),
      next_try_at: code === 'MODEL_REJECTED' ? null : new Date(nowMs + pauseMs).toISOString(),
    };
    // Another process may have done the job meanwhile, or the failed transaction may have been stored after
    // all.
    const isWaiting = (waiting: Waiting) =>
      jobsOf(waiting, settings, nowMs, true).some(({ key }) => key === job.key);
    await store.transact(needOfJobs(settings), (waiting) =>
      isWaiting(waiting) ? [{ op: 'analysis_failed', trouble }] : [],
    );
  }

  #run(drain: boolean): Promise<boolean> {
    clearTimeout(this.#retryTimer);
    const mine = (this.#running ?? Promise.resolve()).then(() =>
      this.#closing.signal.aborted ? true : this.#work(drain),
    );
    const settled = mine.then(
      () => undefined,
      (error: unknown) =>
        this.#parts.report('error', `Background work stopped and will be tried again: ${messageOf(error)}`),
    );
    this.#running = settled;
    void settled.then(() => {
      if (this.#running === settled) {
        this.#running = null;
        if (this.#isWoken) this.wake();
        else this.#scheduleRetry();
      }
    });
    return mine;
  }

  #scheduleRetry(): void {
    if (this.#closing.signal.aborted) return;
    const nextAtMs = this.#nextAtMs();
    if (nextAtMs === null) return;
    const pauseMs = Math.max(nextAtMs - this.#parts.clock.now(), otherProcessPollMs * 5);
    this.#retryTimer = setTimeout(() => void this.#run(false).catch(() => undefined), pauseMs);
    this.#retryTimer.unref();
  }

  /** When there is work again, judged by the waiting work as last read; null: at no set time. */
  #nextAtMs(): number | null {
    const { settings, clock, pause } = this.#parts;
    const waiting = this.#waiting;
    if (waiting === null) return null;
    const nowMs = clock.now();
    const held = pause.held() !== 'nothing';
    const times = jobsOf(waiting, settings, nowMs, false)
      .filter((job) => !held || job.kind === 'read')
      .map(({ kind, key }) => {
        const next = Date.parse(waiting.troubles.get(key)?.next_try_at ?? '') || nowMs;
        return kind === 'read' ? next : Math.max(next, this.#providerBackAtMs);
      });
    return times.length === 0 ? null : Math.min(...times);
  }
}

/** A job and its earlier failure. */
interface TroubledJob {
  readonly job: Job;
  readonly trouble: AnalysisTrouble | undefined;
}

/** Whether the job failed because of the content of the model's answer. */
function isOfContent(code: MemoryErrorCode | undefined): boolean {
  return code === 'MODEL_CONTENT' || code === 'MODEL_CONTEXT';
}

/** A failed reading may have become part of another one, which begins with another page. */
function recoveredReadings(troubles: Slices['troubles'], pages: readonly Page[]): Operation[] {
  return pages
    .map(readingKey)
    .filter((key) => troubles.has(key))
    .map((job) => ({ op: 'analysis_recovered', job }));
}
