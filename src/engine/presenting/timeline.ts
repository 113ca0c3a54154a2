import { MemoryError } from '../../model/errors.js';
import type { PageId } from '../../model/ids.js';
import type { PlacedPage, StoredMemory } from '../../ports/store.js';
import type { ListedExchange, TimelineInput, TimelineResult } from '../memory-engine.js';
import { instantFrom } from '../page-input.js';

const limitDefault = 50;
const limitMax = 500;

/** Lists exchanges, newest first. Throws INPUT_INVALID, NOT_FOUND, STORE_…. */
export async function timelineOf(store: StoredMemory, input: TimelineInput): Promise<TimelineResult> {
  const sinceMs = input.since === undefined ? Number.NEGATIVE_INFINITY : instantFrom(input.since, 'since');
  const untilMs = input.until === undefined ? Number.POSITIVE_INFINITY : instantFrom(input.until, 'until');
  if (sinceMs > untilMs) {
    throw new MemoryError('INPUT_INVALID', 'since is later than until. Swap them.');
  }
  const { timeline } = await store.read({
    timeline: {
      text: input.text?.trim().toLowerCase() ?? '',
      side: input.side,
      project: input.project,
      sinceMs,
      untilMs,
      segmentId: input.segmentId,
      after: input.after,
      limit: Math.min(limitMax, input.limit ?? limitDefault),
    },
  });
  if (timeline === null) {
    throw new MemoryError(
      'NOT_FOUND',
      `The exchange ${input.after} is no longer in this list. Load the list again.`,
    );
  }
  const { exchanges, total, more } = timeline;
  return {
    exchanges: exchanges.map(listed),
    total,
    next: more ? (exchanges.at(-1)?.page.id ?? null) : null,
  };
}

/** The exchanges with these ids, oldest first. Ids that do not exist (any more) are ignored. */
export async function exchangesWith(
  store: StoredMemory,
  ids: readonly PageId[],
): Promise<readonly ListedExchange[]> {
  const { pages } = await store.read({ pages: ids });
  // Ids grow with the time of storing, so they order pages said at the same time.
  return [...pages.values()]
    .map(listed)
    .sort((a, b) => Date.parse(a.timestamp) - Date.parse(b.timestamp) || (a.id < b.id ? -1 : 1));
}

function listed({ page, segmentId }: PlacedPage): ListedExchange {
  return { ...page, segment_id: segmentId };
}
