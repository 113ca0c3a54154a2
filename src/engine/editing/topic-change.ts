import type { ChangeSource, LoggedChange } from '../../model/change-log.js';
import { MemoryError } from '../../model/errors.js';
import type { AssistantId, SegmentId } from '../../model/ids.js';
import type { Operation } from '../../model/operation.js';
import type { Clock } from '../../ports/clock.js';
import type { StoredMemory } from '../../ports/store.js';

const themeCharactersMax = 100;

/** What every change of a topic needs. */
export interface TopicParts {
  readonly store: StoredMemory;
  readonly clock: Clock;
  readonly assistantId: AssistantId;
}

/** Validates a name that a person gives a topic. Throws INPUT_INVALID. */
export function themeFrom(name: string): string {
  const theme = name.replace(/\s+/gu, ' ').trim();
  if (theme === '' || theme.length > themeCharactersMax) {
    throw new MemoryError(
      'INPUT_INVALID',
      `The name of a topic has 1 to ${themeCharactersMax} characters; this one has ${theme.length}.`,
    );
  }
  return theme;
}

export function noSegment(id: SegmentId): MemoryError {
  return new MemoryError('NOT_FOUND', `The segment ${id} does not exist any more. Load the list again.`);
}

/**
 * Logs a change without the theme. Themes are derived from what was said, so without them forgetting has
 * nothing to remove from the log.
 */
export function loggedTopic(
  action: LoggedChange['action'],
  segmentId: SegmentId,
  { at, by, assistantId }: { at: string; by: ChangeSource; assistantId: AssistantId },
): Operation {
  return {
    op: 'change_logged',
    change: {
      at,
      by,
      assistant_id: assistantId,
      action,
      fact_id: null,
      segment_id: segmentId,
      before: null,
      after: null,
      forgotten: null,
    },
  };
}
