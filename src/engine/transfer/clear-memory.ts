import { everyFact } from '../../model/knowledge.js';
import type { Operation } from '../../model/operation.js';
import type { ArchiveEntry, Need, Slices, StoredMemory } from '../../ports/store.js';
import { recountArchive } from '../forgetting/recount-archive.js';

/** Whether the memory contains nothing. */
export async function isEmptyMemory(store: StoredMemory): Promise<boolean> {
  const { counts } = await store.read({ counts: true });
  const { shortTerm, segments, traits, archivedPages, facts } = counts;
  return shortTerm + segments + traits + archivedPages + facts === 0;
}

/**
 * Removes the pages and facts with these ids, the segments left without pages, and the profile, so that other
 * content can replace them. What others add meanwhile stays. Throws STORE_….
 */
export async function clearMemory(store: StoredMemory, ids: ReadonlySet<string>): Promise<void> {
  await store.transact(needOfClearing, (known) => clearing(known, ids));
  await store.erase((entry) => withoutIds(entry, ids));
  // Also corrects counts after an interrupted call.
  await recountArchive(store);
}

const needOfClearing = {
  everyPage: true,
  heads: 'all',
  facts: 'all',
  profile: true,
  changes: true,
  troubles: true,
} as const satisfies Need;

function clearing(known: Pick<Slices, keyof typeof needOfClearing>, ids: ReadonlySet<string>): Operation[] {
  const facts = everyFact(known.facts);
  const staying = new Set(
    known.everyPage.flatMap(({ page, segmentId }) => (ids.has(page.id) ? [] : [segmentId])),
  );
  return [
    ...known.everyPage
      .filter(({ page }) => ids.has(page.id))
      .map(({ page }): Operation => ({ op: 'page_forgotten', page_id: page.id })),
    ...[...known.heads.keys()]
      .filter((id) => !staying.has(id))
      .map((id): Operation => ({ op: 'segment_removed', segment_id: id })),
    ...[...known.profile.values()].map(
      ({ group, dimension }): Operation => ({ op: 'trait_removed', group, dimension }),
    ),
    ...facts
      .filter((fact) => ids.has(fact.id))
      .map(({ id, assistant_id }): Operation => {
        return { op: 'fact_removed', fact_id: id, assistant_id, reason: 'forgotten' };
      }),
    ...(known.changes.length > 0
      ? [{ op: 'changes_blanked' as const, fact_ids: facts.map(({ id }) => id) }]
      : []),
    ...[...known.troubles.keys()].map((job): Operation => ({ op: 'analysis_recovered', job })),
  ];
}

function withoutIds(entry: ArchiveEntry, ids: ReadonlySet<string>): ArchiveEntry | null {
  if (entry.kind === 'fact') return ids.has(entry.fact.id) ? null : entry;
  const pages = entry.pages.filter((page) => !ids.has(page.id));
  if (pages.length === entry.pages.length) return entry;
  return pages.length === 0 ? null : { ...entry, pages };
}
