import { MemoryError } from '../../model/errors.js';
import type { SegmentId } from '../../model/ids.js';
import type { StoredMemory } from '../../ports/store.js';

const themeCharactersMax = 100;

/** Gives a segment another theme. Throws NOT_FOUND, INPUT_INVALID, STORE_…. */
export async function renameSegment(store: StoredMemory, id: SegmentId, name: string): Promise<void> {
  const theme = name.replace(/\s+/gu, ' ').trim();
  if (theme === '' || theme.length > themeCharactersMax) {
    throw new MemoryError(
      'INPUT_INVALID',
      `The name of a topic has 1 to ${themeCharactersMax} characters; this one has ${theme.length}.`,
    );
  }
  await store.transact({ heads: [id] }, ({ heads }) => {
    const segment = heads.get(id);
    if (segment === undefined) {
      throw new MemoryError('NOT_FOUND', `There is no segment ${id} any more. Load the list again.`);
    }
    return [{ op: 'segment_put', head: { ...segment.head, theme } }];
  });
}
