import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { StatsResult } from '../../model/results.js';

/** Values measured when the metrics are requested. */
export interface Figures {
  readonly sessions: number;
  readonly openUsers: number;
  readonly eventBytes: number;
  /** Statistics of the open memories. */
  readonly stats: readonly StatsResult[];
}

const secondsBuckets = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const lockBuckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

/** The metrics of one server, for Prometheus. No label names a user. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests: Counter<'request' | 'outcome'>;
  readonly #durations: Histogram<'request'>;
  readonly #refusals: Counter<'status'>;
  readonly #lockWaits: Histogram;
  readonly #gauges = new Map<string, Gauge<'of'>>();
  readonly #llmCalls: Counter;
  readonly #llmTokens: Counter<'kind'>;
  #llm = { calls: 0, prompt_tokens: 0, completion_tokens: 0 };

  constructor() {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#requests = new Counter({
      name: 'memoryos_requests_total',
      help: 'JSON-RPC requests, by tool or method and outcome',
      labelNames: ['request', 'outcome'],
      registers,
    });
    this.#durations = new Histogram({
      name: 'memoryos_request_duration_seconds',
      help: 'From the arrival of a JSON-RPC request to its answer',
      labelNames: ['request'],
      buckets: secondsBuckets,
      registers,
    });
    this.#refusals = new Counter({
      name: 'memoryos_http_refusals_total',
      help: 'HTTP requests that were refused, by status',
      labelNames: ['status'],
      registers,
    });
    this.#lockWaits = new Histogram({
      name: 'memoryos_lock_wait_seconds',
      help: 'Waiting for the lock that processes sharing a memory take for a transaction',
      buckets: lockBuckets,
      registers,
    });
    this.#llmCalls = new Counter({
      name: 'memoryos_llm_calls_total',
      help: 'Calls of the language model since the start',
      registers,
    });
    this.#llmTokens = new Counter({
      name: 'memoryos_llm_tokens_total',
      help: 'Tokens the language model has read and written since the start',
      labelNames: ['kind'],
      registers,
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  request(name: string, outcome: string, durationMs: number): void {
    this.#requests.inc({ request: name, outcome });
    this.#durations.observe({ request: name }, durationMs / 1000);
  }

  refusal(status: number): void {
    this.#refusals.inc({ status });
  }

  lockWait(durationMs: number): void {
    this.#lockWaits.observe(durationMs / 1000);
  }

  /** All metrics as text, with these values. */
  async text(figures: Figures): Promise<string> {
    const { stats } = figures;
    const sum = (of: (one: StatsResult) => number) => stats.reduce((total, one) => total + of(one), 0);
    this.#set('sessions', 'Open MCP sessions', { '': figures.sessions });
    this.#set('open_users', 'Users with an open memory', { '': figures.openUsers });
    this.#set('event_log_bytes', 'Events kept for clients that reconnect', { '': figures.eventBytes });
    this.#set('pages', 'Pages of the open memories, by tier', {
      short_term: sum((one) => one.short_term.pages),
      mid_term: sum((one) => one.mid_term.pages),
      archive: sum((one) => one.archive.pages),
    });
    this.#set('segments', 'Segments of the open memories, by tier', {
      mid_term: sum((one) => one.mid_term.segments),
      archive: sum((one) => one.archive.segments),
    });
    this.#set('long_term', 'Traits and facts of the open memories', {
      traits: sum((one) => one.long_term.traits),
      user_facts: sum((one) => one.long_term.user_facts),
      assistant_facts: sum((one) => one.long_term.assistant_facts),
      superseded_facts: sum((one) => one.long_term.superseded_facts),
    });
    this.#set('analysis_waiting', 'Items that wait for analysis in the open memories', {
      pages: sum((one) => one.analysis.pages_waiting),
      segments: sum((one) => one.analysis.segments_waiting),
    });
    this.#set('analysis_paused_users', 'Open memories whose analysis is paused', {
      '': sum((one) => (one.analysis.paused ? 1 : 0)),
    });
    this.#countLlm(stats);
    return this.#registry.metrics();
  }

  close(): void {
    this.#registry.clear();
  }

  #set(name: string, help: string, values: Readonly<Record<string, number>>): void {
    let gauge = this.#gauges.get(name);
    if (gauge === undefined) {
      const labelNames = '' in values ? [] : (['of'] as const);
      gauge = new Gauge({ name: `memoryos_${name}`, help, labelNames, registers: [this.#registry] });
      this.#gauges.set(name, gauge);
    }
    for (const [of, value] of Object.entries(values)) gauge.set(of === '' ? {} : { of }, value);
  }

  /** All memories of a process share one model, so it is counted once. */
  #countLlm(stats: readonly StatsResult[]): void {
    for (const { analysis } of stats) {
      const now = analysis.llm;
      if (now === null || now.calls < this.#llm.calls) continue;
      this.#llmCalls.inc(now.calls - this.#llm.calls);
      this.#llmTokens.inc({ kind: 'prompt' }, Math.max(0, now.prompt_tokens - this.#llm.prompt_tokens));
      this.#llmTokens.inc(
        { kind: 'completion' },
        Math.max(0, now.completion_tokens - this.#llm.completion_tokens),
      );
      this.#llm = now;
    }
  }
}
