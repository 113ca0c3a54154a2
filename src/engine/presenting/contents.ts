import type { LoggedChange } from '../../model/change-log.js';
import { MemoryError } from '../../model/errors.js';
import type { AssistantId, SegmentId } from '../../model/ids.js';
import type { SegmentSummary } from '../../model/results.js';
import type { UserState } from '../../model/user-state.js';
import type { LongTerm, SegmentDetail } from '../memory-engine.js';
import type { EngineSettings } from '../settings.js';
import { segmentSummary } from './answers.js';

/** All segments, hottest first, as of `nowMs`. */
export function segmentsOf(state: UserState, nowMs: number, settings: EngineSettings): SegmentSummary[] {
  const all = [...state.segments.values()].map((segment) => segmentSummary(segment, nowMs, settings));
  return all.sort((a, b) => b.heat - a.heat);
}

/** One segment with its pages. Throws NOT_FOUND. */
export function segmentDetail(
  state: UserState,
  id: SegmentId,
  nowMs: number,
  settings: EngineSettings,
): SegmentDetail {
  const segment = state.segments.get(id);
  if (segment === undefined) {
    throw new MemoryError('NOT_FOUND', `There is no segment ${id}. List them with "memoryos-mcp inspect".`);
  }
  return { ...segmentSummary(segment, nowMs, settings), page_list: [...segment.pages] };
}

/** Long-term memory of the user, and what one assistant knows of itself. */
export function longTermOf(state: UserState, assistantId: AssistantId): LongTerm {
  return {
    traits: [...state.profile.values()],
    userFacts: [...state.userKnowledge],
    assistantFacts: [...(state.assistantKnowledge.get(assistantId) ?? [])],
  };
}

/** What was changed by hand, newest first. */
export function changesOf({ changes }: UserState): LoggedChange[] {
  return [...changes].reverse().sort((a, b) => b.at.localeCompare(a.at, 'en'));
}
