import type { ChangeSource } from '../../model/change-log.js';
import { MemoryError } from '../../model/errors.js';
import { newSegmentId, type PageId, type SegmentId } from '../../model/ids.js';
import type { Operation } from '../../model/operation.js';
import type { Page } from '../../model/page.js';
import type { Analyser } from '../../ports/analyser.js';
import { describedAnew } from '../describe-segment.js';
import { loggedTopic, noSegment, type TopicParts, themeFrom } from './topic-change.js';

export interface SegmentSplit {
  readonly id: SegmentId;
  /** The pages that form the new topic. */
  readonly pageIds: readonly PageId[];
  /** The new topic's name; absent: derived from its pages. */
  readonly theme?: string | undefined;
  readonly by: ChangeSource;
}

/**
 * Moves some pages of a segment into a new segment. Both are described again from their pages. Throws
 * NOT_FOUND, INPUT_INVALID, CONFLICT (the segment changed meanwhile), STORE_….
 */
export async function splitSegment(
  { id, pageIds, theme, by }: SegmentSplit,
  { store, clock, assistantId, analyser }: TopicParts & { readonly analyser: Analyser },
): Promise<SegmentId> {
  const named = theme === undefined ? undefined : themeFrom(theme);
  const { segments } = await store.read({ segments: [id] });
  const segment = segments.get(id);
  if (segment === undefined) throw noSegment(id);
  const seen = segment.pages;
  const wanted = new Set(pageIds);
  const leaving = seen.filter((page) => wanted.has(page.id));
  const staying = seen.filter((page) => !wanted.has(page.id));
  if (leaving.length < wanted.size) {
    throw new MemoryError('NOT_FOUND', 'Not all of these exchanges are in this topic. Load the list again.');
  }
  if (leaving.length === 0 || staying.length === 0) {
    throw new MemoryError('INPUT_INVALID', 'Choose some exchanges of the topic, but not all.');
  }
  const nowMs = clock.now();
  const at = new Date(nowMs).toISOString();
  const fresh = { ...segment.head, id: newSegmentId(nowMs), created_at: at, updated_at: at, n_visit: 0 };
  const described = await describedAnew(fresh, leaving, analyser);
  const opened = { ...described, theme: named ?? described.theme };
  const { summary, keywords, analysed_by } = await describedAnew(segment.head, staying, analyser);
  await store.transact({ segments: [id] }, (current) => {
    const now = current.segments.get(id);
    if (now === undefined) throw noSegment(id);
    if (!samePages(now.pages, seen)) {
      throw new MemoryError('CONFLICT', 'The topic has changed meanwhile. Nothing was changed; try again.');
    }
    const pagesNow = now.pages.filter((page) => wanted.has(page.id));
    return [
      { op: 'segment_put', head: { ...now.head, summary, keywords, analysed_by, updated_at: at } },
      { op: 'segment_put', head: opened },
      ...pagesNow.flatMap((page): Operation[] => [
        { op: 'page_forgotten', page_id: page.id },
        { op: 'page_added', page, segment_id: opened.id },
      ]),
      loggedTopic('split', id, { at, by, assistantId }),
    ];
  });
  return opened.id;
}

function samePages(now: readonly Page[], seen: readonly Page[]): boolean {
  return now.length === seen.length && now.every((page, i) => page.id === seen[i]?.id);
}
