import type { LoggedChange } from '../../model/change-log.js';
import { MemoryError } from '../../model/errors.js';
import type { AssistantId, SegmentId } from '../../model/ids.js';
import { factsAbout } from '../../model/knowledge.js';
import type { SegmentSummary } from '../../model/results.js';
import type { SegmentOutline } from '../../model/segment.js';
import type { Need, Slices } from '../../ports/store.js';
import { heatOf } from '../../tiers/heat.js';
import type { LongTerm, SegmentDetail } from '../memory-engine.js';
import type { EngineSettings } from '../settings.js';

/** All segments, hottest first, as of `nowMs`. */
export function segmentsOf(
  heads: Slices['heads'],
  nowMs: number,
  settings: EngineSettings,
): SegmentSummary[] {
  const all = [...heads.values()].map((segment) => segmentSummary(segment, nowMs, settings));
  return all.sort((a, b) => b.heat - a.heat || (a.segment_id < b.segment_id ? 1 : -1));
}

/** A segment in a list, with its heat at `nowMs`. */
function segmentSummary(segment: SegmentOutline, nowMs: number, settings: EngineSettings): SegmentSummary {
  const { head, size, firstAt, lastAt } = segment;
  const heat = heatOf(segment, nowMs, settings.heatWeights);
  return {
    segment_id: head.id,
    theme: head.theme,
    summary: head.summary,
    keywords: head.keywords,
    heat: heat.heat,
    n_visit: heat.nVisit,
    l_interaction: heat.lInteraction,
    r_recency: heat.rRecency,
    pages: size,
    first_page_at: firstAt,
    last_page_at: lastAt,
    updated_at: head.updated_at,
    analysed_by: head.analysed_by,
  };
}

/** One segment with its pages. Throws NOT_FOUND. */
export function segmentDetail(
  { heads, segments }: Pick<Slices, 'heads' | 'segments'>,
  id: SegmentId,
  nowMs: number,
  settings: EngineSettings,
): SegmentDetail {
  const segment = heads.get(id);
  if (segment === undefined) {
    throw new MemoryError(
      'NOT_FOUND',
      `There is no segment ${id}. "memoryos-mcp inspect" lists the segments.`,
    );
  }
  return { ...segmentSummary(segment, nowMs, settings), page_list: segments.get(id)?.pages ?? [] };
}

/** What {@link segmentDetail} needs to read. */
export function needOfSegment(id: SegmentId) {
  return { heads: [id], segments: [id] } satisfies Need;
}

/** Long-term memory of the user, and the facts about one assistant. */
export function longTermOf(
  { profile, facts }: Pick<Slices, 'profile' | 'facts'>,
  assistantId: AssistantId,
): LongTerm {
  return {
    traits: [...profile.values()],
    userFacts: factsAbout(facts, null),
    assistantFacts: factsAbout(facts, assistantId),
  };
}

/** Changes made by hand, newest first. */
export function changesOf({ changes }: Pick<Slices, 'changes'>): LoggedChange[] {
  return [...changes].reverse().sort((a, b) => b.at.localeCompare(a.at, 'en'));
}
