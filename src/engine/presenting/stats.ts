import type { AssistantId, UserId } from '../../model/ids.js';
import { madeAtMs } from '../../model/ids.js';
import { factsAbout } from '../../model/knowledge.js';
import type { AnalysisTrouble } from '../../model/operation.js';
import type { StatsResult } from '../../model/results.js';
import type { Need, Slices } from '../../ports/store.js';
import type { IndexStatus } from '../../retrieval/retriever.js';
import { heatOf, hotSegments, hotSinceMs } from '../../tiers/heat.js';
import type { EngineSettings } from '../settings.js';

export interface StatsParts {
  readonly userId: UserId;
  readonly assistantId: AssistantId;
  readonly analyser: string;
  /** Why analysis is paused; null when it is not. */
  readonly pausedBy: string | null;
  readonly rejected: Readonly<Record<string, number>>;
  readonly llm: StatsResult['analysis']['llm'];
  readonly index: IndexStatus;
  readonly notices: readonly string[];
}

/** What {@link statsOf} needs to read. */
export function needOfStats(settings: EngineSettings, assistantId: AssistantId) {
  return {
    counts: true,
    oldest: settings.shortTermCapacityPages + 1,
    heads: 'all',
    facts: [null, assistantId],
    troubles: true,
    losses: true,
  } as const satisfies Need;
}

/** Statistics of all tiers at the time `nowMs`. */
export function statsOf(
  known: Omit<Pick<Slices, keyof ReturnType<typeof needOfStats>>, 'losses'>,
  settings: EngineSettings,
  parts: StatsParts,
  nowMs: number,
): StatsResult {
  const { counts } = known;
  const segments = [...known.heads.values()];
  const userFacts = factsAbout(known.facts, null);
  const assistantFacts = factsAbout(known.facts, parts.assistantId);
  const facts = [...userFacts, ...assistantFacts];
  const trouble = analysisTrouble(known);
  const hot = hotSegments(segments, nowMs, settings.heatMin, settings.heatWeights);
  // The oldest page began to wait when this page exceeded the capacity.
  const surplus = known.oldest[settings.shortTermCapacityPages];
  const waitingSinceMs = [
    ...(surplus === undefined ? [] : [madeAtMs(surplus.id)]),
    ...hot.map((segment) => hotSinceMs(segment, settings.heatMin, settings.heatWeights)),
  ];
  const heats = segments.map((segment) => heatOf(segment, nowMs, settings.heatWeights).heat);
  return {
    status: 'success',
    timestamp: new Date(nowMs).toISOString(),
    user_id: parts.userId,
    assistant_id: parts.assistantId,
    short_term: { pages: counts.shortTerm, capacity: settings.shortTermCapacityPages },
    mid_term: {
      segments: counts.segments,
      pages: counts.midTerm,
      capacity: settings.midTermCapacitySegments,
      hottest_heat: heats.length === 0 ? null : heats.reduce((a, b) => Math.max(a, b)),
    },
    long_term: {
      traits: counts.traits,
      user_facts: userFacts.filter((fact) => fact.superseded_by === null).length,
      assistant_facts: assistantFacts.filter((fact) => fact.superseded_by === null).length,
      superseded_facts: facts.filter((fact) => fact.superseded_by !== null).length,
      capacity: settings.knowledgeCapacityFacts,
    },
    archive: { segments: counts.archivedSegments, pages: counts.archivedPages },
    analysis: {
      analyser: parts.analyser,
      pages_waiting: Math.max(0, counts.shortTerm - settings.shortTermCapacityPages),
      segments_waiting: hot.length,
      waiting_since: waitingSinceMs.length === 0 ? null : new Date(Math.min(...waitingSinceMs)).toISOString(),
      paused: parts.pausedBy !== null,
      last_error: parts.pausedBy ?? trouble?.last_error ?? null,
      next_try_at: trouble?.next_try_at ?? null,
      rejected: { ...parts.rejected },
      llm: parts.llm,
    },
    index: {
      embedder: parts.index.embedder,
      dimensions: parts.index.dimensions,
      vectors: parts.index.vectors,
      vectors_missing: parts.index.vectorsMissing,
      last_error: parts.index.lastError,
    },
    notices: [...parts.notices],
  };
}

/** The latest failed analysis. */
export function analysisTrouble({ troubles }: Pick<Slices, 'troubles'>): AnalysisTrouble | undefined {
  return [...troubles.values()].sort((a, b) => a.failed_at.localeCompare(b.failed_at)).at(-1);
}
