import type { ChangeSource } from '../../model/change-log.js';
import type { SegmentId } from '../../model/ids.js';
import { loggedTopic, noSegment, type TopicParts, themeFrom } from './topic-change.js';

/** Gives a segment another theme. Throws NOT_FOUND, INPUT_INVALID, STORE_…. */
export async function renameSegment(
  id: SegmentId,
  name: string,
  by: ChangeSource,
  { store, clock, assistantId }: TopicParts,
): Promise<void> {
  const theme = themeFrom(name);
  const at = new Date(clock.now()).toISOString();
  await store.transact({ heads: [id] }, ({ heads }) => {
    const segment = heads.get(id);
    if (segment === undefined) throw noSegment(id);
    return [
      { op: 'segment_put', head: { ...segment.head, theme } },
      loggedTopic('renamed', id, { at, by, assistantId }),
    ];
  });
}
