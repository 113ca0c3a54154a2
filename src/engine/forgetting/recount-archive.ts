import type { StoredMemory } from '../../ports/store.js';

/** Segments and pages that were evicted into the archive and are not in it. */
export interface MissingFromArchive {
  readonly segments: number;
  readonly pages: number;
}

/**
 * Makes the state count what the archive holds, where it counts more: somebody stopped between taking pages out of
 * the archive and saying so, or a part of it was lost. Returns by how much.
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
      // Something was evicted, or taken out, while it was counted.
      counts.archivedSegments === archivedSegments && counts.archivedPages === archivedPages
        ? [{ op: 'archive_reduced', segments, pages }]
        : [],
    );
    if (done.length > 0) return { segments, pages };
  }
}
