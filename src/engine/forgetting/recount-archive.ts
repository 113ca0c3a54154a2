import type { StoredMemory } from '../../ports/store.js';

/** Segments and pages that were evicted into the archive but are missing from it. */
export interface MissingFromArchive {
  readonly segments: number;
  readonly pages: number;
}

/**
 * Lowers the state's counts of the archive to what it contains. They are too high when a process stopped
 * between removing pages from the archive and updating the counts, or when a part of the archive was lost.
 * Returns the differences.
 */
export async function recountArchive(store: StoredMemory): Promise<MissingFromArchive> {
  for (;;) {
    const held = { segments: 0, pages: 0 };
    const { archivedSegments, archivedPages } = (await store.read({ counts: true })).counts;
    for await (const entry of store.readArchive()) {
      if (entry.kind === 'fact') continue;
      held.segments += 1;
      held.pages += entry.pages.length;
    }
    const segments = Math.max(0, archivedSegments - held.segments);
    const pages = Math.max(0, archivedPages - held.pages);
    if (segments + pages === 0) return { segments, pages };
    const done = await store.transact({ counts: true }, ({ counts }) =>
      // Something was evicted or removed during counting.
      counts.archivedSegments === archivedSegments && counts.archivedPages === archivedPages
        ? [{ op: 'archive_reduced', segments, pages }]
        : [],
    );
    if (done.length > 0) return { segments, pages };
  }
}
