import { MemoryError, type MemoryErrorCode, messageOf } from '../../model/errors.js';
import type { AnalysisTrouble, Operation } from '../../model/operation.js';
import type { UserState } from '../../model/user-state.js';
import type { Analyser } from '../../ports/analyser.js';
import type { Clock } from '../../ports/clock.js';
import type { Embedder } from '../../ports/embedder.js';
import type { UserStore } from '../../ports/memory-store.js';
import type { Reporter } from '../../ports/reporter.js';
import { commitPromotion, type PromotionContext, planPromotion } from '../../tiers/mid-to-long.js';
import { commitMigration, type MigrationContext, planMigration } from '../../tiers/short-to-mid.js';
import type { EngineSettings } from '../settings.js';
import type { Visits } from '../visits.js';
import { backoffMs, contentFailuresMax, isDue, type Job, jobsOf } from './jobs.js';
import type { Held, Pause } from './pause.js';
import { Turns } from './turns.js';

/** Conflicts with other writers in a row after which a job waits like one that failed. */
const conflictsMax = 20;
const otherProcessPollMs = 200;

export interface AnalysisWorkerParts {
  readonly store: UserStore;
  readonly analyser: Analyser;
  /** Does the jobs a model cannot; the same object as `analyser` where there is no model. */
  readonly fallback: Analyser;
  readonly pause: Pause;
  readonly embedder: Embedder;
  readonly vectorOf: MigrationContext['vectorOf'];
  readonly visits: Visits;
  readonly clock: Clock;
  readonly settings: EngineSettings;
  readonly report: Reporter;
}

/** Migrates and analyses one user's memory, one job after the other, in one process at a time. */
export interface AnalysisWorker {
  /** Says that there may be work. Returns at once. */
  wake(): void;
  /** Resolves when nothing is left that can be done now. `shortTerm`: migrates all of short-term memory too. */
  drain(shortTerm: boolean, signal?: AbortSignal): Promise<void>;
  /** `pausedBy`: the error that trying again cannot mend; null where nothing is paused. */
  status(): { readonly pausedBy: string | null; readonly rejected: Readonly<Record<string, number>> };
  /** Stops after the job that is running, which is cancelled. */
  close(): Promise<void>;
}

export function createAnalysisWorker(parts: AnalysisWorkerParts): AnalysisWorker {
  const { store, clock, settings, report, pause } = parts;
  const closing = new AbortController();
  const rejected: Record<string, number> = {};
  /** Jobs that have not been done yet. */
  const triedSinceStart = new Set<string>();
  const turns = new Turns();
  let running: Promise<void> | null = null;
  /** A provider that is away is away for every job. */
  let providerBackAtMs = 0;
  let conflicts = 0;
  let timer: NodeJS.Timeout | undefined;

  const analyserFor = (job: Job): Analyser => {
    const trouble = store.state.troubles.get(job.key);
    return (trouble?.content_failures ?? 0) >= contentFailuresMax ? parts.fallback : parts.analyser;
  };

  const canRun = (job: Job, nowMs: number, held: Held): boolean => {
    if (held === 'all') return false;
    const trouble = store.state.troubles.get(job.key);
    if (analyserFor(job) === parts.fallback) return isDue(trouble, nowMs) || !triedSinceStart.has(job.key);
    if (held === 'model' || providerBackAtMs > nowMs) return false;
    return isDue(trouble, nowMs);
  };

  const nextJob = (drain: boolean): Job | undefined => {
    const nowMs = clock.now();
    const held = pause.held();
    const jobs = turns.inTurn(jobsOf(store.state, settings, nowMs, drain));
    return jobs.find((job) => canRun(job, nowMs, held));
  };

  async function work(drain: boolean): Promise<boolean> {
    const lease = await store.tryLease();
    if (lease === null) return false;
    try {
      while (!closing.signal.aborted && lease.held) {
        await parts.visits.save();
        await store.refresh();
        const job = nextJob(drain);
        if (job === undefined) break;
        turns.take(job);
        await attempt(job);
      }
    } finally {
      await lease.release();
    }
    return true;
  }

  async function attempt(job: Job): Promise<void> {
    const analyser = analyserFor(job);
    const { mark } = pause;
    triedSinceStart.add(job.key);
    try {
      await carryOut(job, analyser);
      triedSinceStart.delete(job.key);
      conflicts = 0;
    } catch (error) {
      if (closing.signal.aborted) return;
      const code = error instanceof MemoryError ? error.code : undefined;
      // The built-in analyser asks no model, so there it was the embedder.
      if (code === 'MODEL_REJECTED')
        pause.begin(analyser === parts.fallback ? 'all' : 'model', messageOf(error), mark);
      if (code === 'CONFLICT' && ++conflicts <= conflictsMax) return;
      await recordFailure(job, error, code);
    }
  }

  async function carryOut(job: Job, analyser: Analyser): Promise<void> {
    const { embedder } = parts;
    const signal = closing.signal;
    if (job.kind === 'migrate') {
      const context = {
        analyser,
        embedder,
        vectorOf: parts.vectorOf,
        similarityMin: settings.similarityMin,
        signal,
      };
      const plan = await planMigration(store.state, job.pages, context);
      countRejected(plan.analysis.rejected);
      await commit(job, (state) => commitMigration(state, plan, context, clock.now()));
      return;
    }
    const segment = store.state.segments.get(job.segmentId);
    if (segment !== undefined && segment.unanalysed > 0) {
      const context: PromotionContext = {
        analyser,
        embedder,
        capacityFacts: settings.knowledgeCapacityFacts,
        signal,
      };
      const plan = await planPromotion(store.state, segment, context);
      countRejected(plan.analysis.rejected);
      await commit(job, (state) =>
        commitPromotion(state, plan, settings.knowledgeCapacityFacts, clock.now()),
      );
    }
    if (job.kind === 'evict') await evict(job);
  }

  function countRejected(counts: Readonly<Record<string, number>>): void {
    for (const [reason, count] of Object.entries(counts)) rejected[reason] = (rejected[reason] ?? 0) + count;
  }

  async function evict(job: Extract<Job, { kind: 'evict' }>): Promise<void> {
    await commit(job, (state) => {
      const segment = state.segments.get(job.segmentId);
      const analysed = segment?.unanalysed === 0;
      const needed = state.segments.size > settings.midTermCapacitySegments;
      return analysed && needed ? [{ op: 'segment_archived', segment_id: job.segmentId }] : [];
    });
  }

  async function commit(job: Job, decide: (state: UserState) => Operation[]): Promise<void> {
    await store.transact((state) => [
      ...decide(state),
      ...(state.troubles.has(job.key) ? [{ op: 'analysis_recovered' as const, job: job.key }] : []),
    ]);
  }

  async function recordFailure(job: Job, error: unknown, code: MemoryErrorCode | undefined): Promise<void> {
    const nowMs = clock.now();
    const before = store.state.troubles.get(job.key);
    const attempts = (before?.attempts ?? 0) + 1;
    const ofContent = code === 'MODEL_CONTENT' || code === 'MODEL_CONTEXT';
    const pauseMs = backoffMs(attempts, settings);
    if (code !== 'MODEL_REJECTED') {
      if (!ofContent) providerBackAtMs = nowMs + pauseMs;
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
    // Another process may have done it meanwhile, or the failed transaction turned out to be stored.
    const isWaiting = (state: UserState) =>
      jobsOf(state, settings, nowMs, true).some(({ key }) => key === job.key);
    await store.transact((state) => (isWaiting(state) ? [{ op: 'analysis_failed', trouble }] : []));
  }

  function run(drain: boolean): Promise<boolean> {
    clearTimeout(timer);
    const mine = (running ?? Promise.resolve()).then(() => (closing.signal.aborted ? true : work(drain)));
    const settled = mine.then(
      () => undefined,
      (error: unknown) =>
        report('error', `Background work stopped and will be tried again: ${messageOf(error)}`),
    );
    running = settled;
    void settled.then(() => {
      if (running === settled) {
        running = null;
        scheduleRetry();
      }
    });
    return mine;
  }

  function scheduleRetry(): void {
    if (closing.signal.aborted || pause.held() !== 'nothing') return;
    const nowMs = clock.now();
    const waiting = jobsOf(store.state, settings, nowMs, false);
    if (waiting.length === 0) return;
    const times = waiting.map(
      (job) => Date.parse(store.state.troubles.get(job.key)?.next_try_at ?? '') || nowMs,
    );
    const pauseMs = Math.max(Math.min(...times), providerBackAtMs) - nowMs;
    timer = setTimeout(
      () => void run(false).catch(() => undefined),
      Math.max(pauseMs, otherProcessPollMs * 5),
    );
    timer.unref();
  }

  return {
    wake() {
      if (running === null && !closing.signal.aborted && nextJob(false) !== undefined) {
        run(false).catch(() => undefined);
      }
    },

    async drain(shortTerm, signal) {
      for (;;) {
        signal?.throwIfAborted();
        const worked = await run(shortTerm);
        if (worked && nextJob(shortTerm) === undefined) return;
        await new Promise((resolve) => setTimeout(resolve, otherProcessPollMs));
        await store.refresh();
        if (closing.signal.aborted || nextJob(shortTerm) === undefined) return;
      }
    },

    status: () => ({ pausedBy: pause.reason(), rejected }),

    async close() {
      closing.abort(new MemoryError('CANCELLED', 'The memory is closing.'));
      clearTimeout(timer);
      await running;
    },
  };
}
