import type { ChangeSource } from '../../model/change-log.js';
import { MemoryError } from '../../model/errors.js';
import type { SegmentId } from '../../model/ids.js';
import { jobKey, type Operation } from '../../model/operation.js';
import type { WholeSegment } from '../../ports/store.js';
import { fitsOneSegment, pagesPerSegmentMax, together } from '../../tiers/join.js';
import { loggedTopic, noSegment, type TopicParts } from './topic-change.js';

/**
 * Moves the pages of other segments into this one, which keeps its theme, and removes the others. If the page
 * that left short-term memory last is among those moved, the next page begins a new dialogue chain. Throws
 * NOT_FOUND, INPUT_INVALID, STORE_….
 */
export async function mergeSegments(
  into: SegmentId,
  from: readonly SegmentId[],
  by: ChangeSource,
  { store, clock, assistantId }: TopicParts,
): Promise<void> {
  const others = [...new Set(from)].filter((id) => id !== into);
  if (others.length === 0) {
    throw new MemoryError('INPUT_INVALID', 'Name at least two different topics to merge.');
  }
  const at = new Date(clock.now()).toISOString();
  await store.transact({ segments: [into, ...others] }, ({ segments }) => {
    const segmentOf = (id: SegmentId): WholeSegment => {
      const segment = segments.get(id);
      if (segment === undefined) throw noSegment(id);
      return segment;
    };
    const target = segmentOf(into);
    const merged = others.map(segmentOf);
    const pages = [target, ...merged].flatMap((segment) => segment.pages);
    if (!fitsOneSegment(pages)) {
      throw new MemoryError(
        'INPUT_INVALID',
        `Together these topics have ${pages.length} exchanges; a topic holds at most ${pagesPerSegmentMax} exchanges and 512 KB of text. Merge fewer.`,
      );
    }
    return [
      {
        op: 'segment_put',
        head: together(
          target.head,
          merged.map(({ head }) => head),
          at,
        ),
      },
      ...merged.flatMap((segment) => movedInto(into, segment)),
      loggedTopic('merged', into, { at, by, assistantId }),
    ];
  });
}

function movedInto(into: SegmentId, { head, pages }: WholeSegment): Operation[] {
  return [
    ...pages.flatMap((page): Operation[] => [
      { op: 'page_forgotten', page_id: page.id },
      { op: 'page_added', page, segment_id: into },
    ]),
    { op: 'segment_removed', segment_id: head.id },
    { op: 'analysis_recovered', job: jobKey.analyse(head.id) },
  ];
}
