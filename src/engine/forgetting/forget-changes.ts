import type { LoggedChange } from '../../model/change-log.js';
import type { PageId, SegmentId } from '../../model/ids.js';
import { everyFact } from '../../model/knowledge.js';
import type { Operation } from '../../model/operation.js';
import type { Page } from '../../model/page.js';
import { purgeBegun } from '../../model/purge.js';
import { tombstonesFor } from '../../model/tombstones.js';
import type { ArchiveEdit, Slices } from '../../ports/store.js';
import type { Rewritten } from './forget-rewrite.js';
import type { ArchiveExtract, ForgetTarget, Forgotten, Tiers } from './forget-selection.js';

/** Who asked to forget, and when. */
type Asked = Pick<LoggedChange, 'at' | 'by' | 'assistant_id'>;

/** The single transaction that forgets what is in the tiers. `key`: key of the tombstones. */
export function operationsOf(
  tiers: Tiers & Pick<Slices, 'changes'>,
  archive: ArchiveExtract,
  forgotten: Forgotten,
  rewritten: Rewritten,
  target: ForgetTarget,
  key: string,
  logged: Asked,
): Operation[] {
  const { touched } = tiers;
  const inTiers = new Set(
    [...touched.shortTerm, ...touched.segments.flatMap(({ pages }) => pages)].map((page) => page.id),
  );
  const here = (id: PageId) => inTiers.has(id) || tiers.pages.has(id);
  const known = new Set(everyFact(tiers.facts).map((fact) => fact.id));
  const reduced = forgotten.reduced.filter(({ archived }) => !archived);
  return [
    ...forgotten.pages
      .filter((page) => here(page.id))
      .map((page): Operation => ({ op: 'page_forgotten', page_id: page.id })),
    ...[...rewritten.chainSummaries]
      .filter(([id]) => here(id))
      .map(([id, meta_info]): Operation => ({ op: 'page_summarised', page_id: id, meta_info })),
    ...reduced.map(({ head }): Operation => {
      const anew = rewritten.heads.get(head.id);
      return anew === undefined
        ? { op: 'segment_removed', segment_id: head.id }
        : { op: 'segment_put', head: { ...anew, ...visitsOf(touched, head.id) } };
    }),
    ...forgotten.traits.map(({ group, dimension }): Operation => ({ op: 'trait_removed', group, dimension })),
    ...forgotten.facts
      .filter((fact) => known.has(fact.id))
      .map((fact): Operation => {
        return {
          op: 'fact_removed',
          fact_id: fact.id,
          assistant_id: fact.assistant_id,
          reason: 'forgotten',
        };
      }),
    ...forgotten.factsChanged
      .filter((fact) => known.has(fact.id))
      .map((fact): Operation => ({ op: 'fact_put', fact })),
    ...loggedForgetting(tiers.changes, forgotten, logged),
    // What is forgotten with its pages may be said again later. A fact that was named is not derived again.
    ...tombstonesFor(
      key,
      { ...forgotten, pages: forgotten.pages.filter((page) => here(page.id)), hashes: archive.hashes },
      target.kind === 'facts' ? null : logged.at,
    ),
    ...forgotten.troubles.map((job): Operation => ({ op: 'analysis_recovered', job })),
    purgeBegun(logged.at),
  ];
}

/** Logs that something was forgotten, and by whom. The log keeps no text of it. */
function loggedForgetting(
  changes: readonly LoggedChange[],
  { pages, facts, traits }: Forgotten,
  logged: Asked,
): Operation[] {
  const gone = new Set(facts.map((fact) => fact.id));
  const told = changes.some((change) => change.fact_id !== null && gone.has(change.fact_id));
  const forgotten = { pages: pages.length, facts: facts.length, traits: traits.length };
  return [
    ...(told ? [{ op: 'changes_blanked' as const, fact_ids: [...gone] }] : []),
    {
      op: 'change_logged',
      change: { ...logged, action: 'forgot', fact_id: null, before: null, after: null, forgotten },
    },
  ];
}

/** Visits may have been counted since the plan was made. */
function visitsOf({ segments }: Slices['touched'], id: SegmentId) {
  const head = segments.find((segment) => segment.head.id === id)?.head;
  return head === undefined ? {} : { n_visit: head.n_visit, last_visit_at: head.last_visit_at };
}

/** The edit of the archive; null when no entry is affected. */
export function archiveEdit(
  archive: ArchiveExtract,
  forgotten: Forgotten,
  rewritten: Rewritten,
): ArchiveEdit | null {
  const gone = new Set<string>([...forgotten.pages, ...forgotten.facts].map(({ id }) => id));
  const changedFacts = new Map(forgotten.factsChanged.map((fact) => [fact.id, fact]));
  const reduced = new Set(forgotten.reduced.flatMap(({ head, archived }) => (archived ? [head.id] : [])));
  const changes = (page: Page) => gone.has(page.id) || rewritten.chainSummaries.has(page.id);
  const concerned =
    archive.segments.some(({ pages }) => pages.some(changes)) ||
    archive.facts.some(({ id }) => gone.has(id) || changedFacts.has(id));
  if (!concerned) return null;
  return (entry) => {
    if (entry.kind === 'fact') {
      const { fact } = entry;
      const changed = changedFacts.get(fact.id);
      if (gone.has(fact.id)) return null;
      return changed === undefined ? entry : { kind: 'fact', fact: changed };
    }
    if (!entry.pages.some(changes)) return entry;
    const pages = entry.pages
      .filter((page) => !gone.has(page.id))
      .map((page) => ({ ...page, meta_info: rewritten.chainSummaries.get(page.id) ?? page.meta_info }));
    if (pages.length === 0) return null;
    const head = reduced.has(entry.head.id) ? rewritten.heads.get(entry.head.id) : undefined;
    return { kind: 'segment', head: head ?? entry.head, pages };
  };
}
