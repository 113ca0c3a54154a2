import type { Operation } from '../../model/operation.js';
import type { UserState } from '../../model/user-state.js';
import type { ArchiveEntry, UserStore } from '../../ports/memory-store.js';
import { recountArchive } from '../forgetting/recount-archive.js';

/** Whether nobody has told this memory anything yet. */
export function isEmptyMemory(state: UserState): boolean {
  const facts = [state.userKnowledge, ...state.assistantKnowledge.values()];
  return (
    state.shortTerm.length === 0 &&
    state.segments.size === 0 &&
    state.profile.size === 0 &&
    state.archivedPages === 0 &&
    facts.every((list) => list.length === 0)
  );
}

/**
 * Removes the pages and facts of these ids, the segments left without pages, and the profile, so that something
 * else can take their place. What others add meanwhile stays. Throws STORE_….
 */
export async function clearMemory(store: UserStore, ids: ReadonlySet<string>): Promise<void> {
  await store.transact((state) => clearing(state, ids));
  await store.purge((entry) => withoutIds(entry, ids));
  // Also of what an interrupted one took out.
  await recountArchive(store);
}

function clearing(state: UserState, ids: ReadonlySet<string>): Operation[] {
  const pages = [...state.shortTerm, ...[...state.segments.values()].flatMap((segment) => segment.pages)];
  const facts = [...state.userKnowledge, ...[...state.assistantKnowledge.values()].flat()];
  return [
    ...pages
      .filter((page) => ids.has(page.id))
      .map((page): Operation => ({ op: 'page_forgotten', page_id: page.id })),
    ...[...state.segments.values()]
      .filter((segment) => segment.pages.every((page) => ids.has(page.id)))
      .map(({ head }): Operation => ({ op: 'segment_removed', segment_id: head.id })),
    ...[...state.profile.values()].map(
      ({ group, dimension }): Operation => ({ op: 'trait_removed', group, dimension }),
    ),
    ...facts
      .filter((fact) => ids.has(fact.id))
      .map(({ id, assistant_id }): Operation => {
        return { op: 'fact_removed', fact_id: id, assistant_id, reason: 'forgotten' };
      }),
    ...(state.changes.length > 0
      ? [{ op: 'changes_blanked' as const, fact_ids: facts.map(({ id }) => id) }]
      : []),
    ...[...state.troubles.keys()].map((job): Operation => ({ op: 'analysis_recovered', job })),
  ];
}

function withoutIds(entry: ArchiveEntry, ids: ReadonlySet<string>): ArchiveEntry | null {
  if (entry.kind === 'fact') return ids.has(entry.fact.id) ? null : entry;
  const pages = entry.pages.filter((page) => !ids.has(page.id));
  if (pages.length === entry.pages.length) return entry;
  return pages.length === 0 ? null : { ...entry, pages };
}
