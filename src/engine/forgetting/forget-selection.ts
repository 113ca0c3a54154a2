import type { ChainId, FactId, PageId } from '../../model/ids.js';
import { everyFact, type Fact } from '../../model/knowledge.js';
import { jobKey } from '../../model/operation.js';
import type { Page } from '../../model/page.js';
import type { Trait } from '../../model/profile.js';
import type { SegmentHead } from '../../model/segment.js';
import { pageHashes } from '../../model/tombstones.js';
import type { ArchiveEntry, Need, PageTarget, Slices } from '../../ports/store.js';

/** What a person wants to forget, in the form used internally. */
export type ForgetTarget = PageTarget | { readonly kind: 'facts'; readonly ids: ReadonlySet<FactId> };

/** A segment that loses pages. */
export interface ReducedSegment {
  readonly head: SegmentHead;
  readonly remaining: readonly Page[];
  readonly archived: boolean;
}

/** A chain that loses pages. The summaries of `later` were written with those pages in view. */
export interface BrokenChain {
  /** The page before the first forgotten one. */
  readonly previous: Page | null;
  readonly later: readonly Page[];
}

/** Everything that is removed, and everything that changes because of it. */
export interface Forgotten {
  readonly pages: readonly Page[];
  readonly reduced: readonly ReducedSegment[];
  readonly chains: readonly BrokenChain[];
  readonly traits: readonly Trait[];
  readonly facts: readonly Fact[];
  /** Facts that stay with fewer sources, or whose superseding fact is removed. */
  readonly factsChanged: readonly Fact[];
  /** Failures of jobs that concern removed content. */
  readonly troubles: readonly string[];
}

/** The affected part of the archive. */
export interface ArchiveExtract {
  /** Removed pages are included only with the text shown to the user. */
  readonly segments: readonly { readonly head: SegmentHead; readonly pages: readonly Page[] }[];
  readonly facts: readonly Fact[];
  /** Tombstones of the removed pages. */
  readonly hashes: readonly string[];
  /** Dialogue chains that lose a page, in the archive or in the tiers. */
  readonly chains: readonly ChainId[];
}

/** What {@link extractArchive} needs to read from the tiers. */
export function needOfExtract(target: ForgetTarget) {
  return { touched: { target: pagesOf(target), chains: [] } } satisfies Need;
}

/** What {@link selectForgotten} needs to read from the tiers. */
export function needOfSelection(archive: ArchiveExtract, target: ForgetTarget) {
  return {
    touched: { target: pagesOf(target), chains: archive.chains },
    pages: archive.segments.flatMap(({ pages }) => pages.map(({ id }) => id)),
    facts: 'all',
    profile: true,
    troubles: true,
  } as const satisfies Need;
}

/** The slices that {@link selectForgotten} reads. */
export type Tiers = Pick<Slices, keyof ReturnType<typeof needOfSelection>>;

/** Facts forgotten by name leave their pages in place. */
function pagesOf(target: ForgetTarget): PageTarget {
  return target.kind === 'facts' ? { kind: 'pages', ids: new Set() } : target;
}

/** At least as long as any excerpt of one side of a page. */
const shownCharacters = 400;

/**
 * Reads the archive twice, so that it holds only the segments and chains that lose a page. `key`: key of the
 * tombstones.
 */
export async function extractArchive(
  read: () => AsyncIterable<ArchiveEntry>,
  { touched }: Pick<Slices, 'touched'>,
  target: ForgetTarget,
  key: string,
): Promise<ArchiveExtract> {
  const chains = new Set<ChainId>();
  const gone = new Set<PageId>();
  const note = (page: Page) => {
    if (!isTarget(page, target)) return;
    gone.add(page.id);
    if (page.chain_id !== null) chains.add(page.chain_id);
  };
  touched.shortTerm.forEach(note);
  for (const segment of touched.segments) segment.pages.forEach(note);
  for await (const entry of read()) if (entry.kind === 'segment') entry.pages.forEach(note);
  const segments: { head: SegmentHead; pages: readonly Page[] }[] = [];
  const facts: Fact[] = [];
  const hashes: string[] = [];
  for await (const entry of read()) {
    if (entry.kind === 'fact') {
      const { fact } = entry;
      const isConcerned = fact.superseded_by !== null || fact.page_ids.some((id) => gone.has(id));
      if (isConcerned || factGoes(fact, gone, target)) facts.push(fact);
    } else if (entry.pages.some((page) => concerns(page, target, chains))) {
      const going = entry.pages.filter((page) => isTarget(page, target));
      hashes.push(...going.flatMap((page) => pageHashes(key, page)));
      const pages = entry.pages.map((page) => (isTarget(page, target) ? shortened(page) : page));
      segments.push({ head: entry.head, pages });
    }
  }
  return { segments, facts, hashes, chains: [...chains] };
}

/** The dialogue chains of the pages removed from the tiers. */
export function chainsOf({ touched }: Pick<Slices, 'touched'>, target: ForgetTarget): ChainId[] {
  const chains = new Set<ChainId>();
  for (const { pages } of touched.segments) {
    for (const page of pages) if (page.chain_id !== null && isTarget(page, target)) chains.add(page.chain_id);
  }
  return [...chains];
}

function shortened(page: Page): Page {
  // Copied through a buffer, because a substring keeps the complete string in memory.
  const cut = (text: string) => Buffer.from(text.slice(0, shownCharacters)).toString('utf8');
  const { user_input, agent_response } = page;
  return {
    ...page,
    user_input: cut(user_input),
    agent_response: cut(agent_response),
    meta_data: {},
    meta_info: '',
  };
}

function concerns(page: Page, target: ForgetTarget, chains: ReadonlySet<ChainId>): boolean {
  return isTarget(page, target) || (page.chain_id !== null && chains.has(page.chain_id));
}

function isTarget(page: Page, target: ForgetTarget): boolean {
  switch (target.kind) {
    case 'pages':
      return target.ids.has(page.id);
    case 'before':
      return Date.parse(page.timestamp) < target.ms;
    case 'facts':
      return false;
    default:
      return target satisfies never;
  }
}

/** Determines what is removed and what changes, from the tiers and the affected part of the archive. Pure. */
export function selectForgotten(tiers: Tiers, archive: ArchiveExtract, target: ForgetTarget): Forgotten {
  const places = [
    ...tiers.touched.segments.map(({ head, pages }) => ({ head, pages, archived: false })),
    // While a segment is being evicted, its pages are visible in both places.
    ...archive.segments.map(({ head, pages }) => ({
      head,
      pages: pages.filter((page) => !tiers.pages.has(page.id)),
      archived: true,
    })),
  ];
  const inShortTerm = tiers.touched.shortTerm;
  const touched = places.filter(({ pages }) => pages.some((page) => isTarget(page, target)));
  const pages = [
    ...touched.flatMap((place) => place.pages.filter((page) => isTarget(page, target))),
    ...inShortTerm,
  ];
  const gone = new Set(pages.map((page) => page.id));
  const known = [...everyFact(tiers.facts), ...archive.facts];
  return {
    pages,
    reduced: touched.map(({ head, archived, pages: all }) => ({
      head,
      archived,
      remaining: all.filter((page) => !gone.has(page.id)),
    })),
    chains: brokenChains(
      places.flatMap((place) => place.pages),
      gone,
    ),
    traits: [...tiers.profile.values()].filter((trait) => losesSource(trait, gone, target)),
    ...factsOf(known, gone, target),
    troubles: [...tiers.troubles.keys()].filter(
      (job) =>
        touched.some(({ head }) => job === jobKey.analyse(head.id)) ||
        (inShortTerm.length > 0 && jobKey.isMigration(job)),
    ),
  };
}

/** A reason may quote any of its sources. A reason imported without sources is judged by its time. */
function losesSource(trait: Trait, gone: ReadonlySet<PageId>, target: ForgetTarget): boolean {
  if (trait.page_ids.length > 0) return trait.page_ids.some((id) => gone.has(id));
  return target.kind === 'before' && Date.parse(trait.updated_at) < target.ms;
}

function factsOf(
  known: readonly Fact[],
  gone: ReadonlySet<PageId>,
  target: ForgetTarget,
): Pick<Forgotten, 'facts' | 'factsChanged'> {
  const facts = known.filter((fact) => factGoes(fact, gone, target));
  const goes = new Map(facts.map((fact) => [fact.id, fact]));
  const factsChanged = known.flatMap((fact): Fact[] => {
    if (goes.has(fact.id)) return [];
    const pageIds = fact.page_ids.filter((id) => !gone.has(id));
    const supersededBy = nextStanding(fact.superseded_by, goes);
    const same = pageIds.length === fact.page_ids.length && supersededBy === fact.superseded_by;
    return same ? [] : [{ ...fact, page_ids: pageIds, superseded_by: supersededBy }];
  });
  return { facts, factsChanged };
}

function factGoes(fact: Fact, gone: ReadonlySet<PageId>, target: ForgetTarget): boolean {
  if (target.kind === 'facts') return target.ids.has(fact.id);
  if (fact.page_ids.length > 0) return fact.page_ids.every((id) => gone.has(id));
  return target.kind === 'before' && Date.parse(fact.timestamp) < target.ms;
}

/**
 * The fact that supersedes a fact after others are removed: the next later one that stays. Null when there is
 * none: the fact is current again, as if the contradiction had never been said.
 */
function nextStanding(id: FactId | null, goes: ReadonlyMap<FactId, Fact>): FactId | null {
  const seen = new Set<FactId>();
  let next = id;
  while (next !== null && !seen.has(next)) {
    const fact = goes.get(next);
    if (fact === undefined) return next;
    seen.add(next);
    next = fact.superseded_by;
  }
  return null;
}

function brokenChains(pages: readonly Page[], gone: ReadonlySet<PageId>): BrokenChain[] {
  const broken = new Set(pages.flatMap((page) => (gone.has(page.id) ? [page.chain_id] : [])));
  const chains = new Map<ChainId, Page[]>();
  for (const page of pages) {
    if (page.chain_id === null || !broken.has(page.chain_id)) continue;
    const chain = chains.get(page.chain_id);
    if (chain === undefined) chains.set(page.chain_id, [page]);
    else chain.push(page);
  }
  return [...chains.values()].map((chain) => {
    const ordered = chain.sort((a, b) => (a.id < b.id ? -1 : 1));
    const first = ordered.findIndex((page) => gone.has(page.id));
    return {
      previous: ordered[first - 1] ?? null,
      later: ordered.slice(first).filter((page) => !gone.has(page.id)),
    };
  });
}

/** Two selections with the same key require the same rewriting. */
export function keyOf(forgotten: Forgotten): string {
  return JSON.stringify([
    forgotten.pages.map((page) => page.id),
    forgotten.reduced.map(({ head, remaining, archived }) => [
      head.id,
      head.summary,
      remaining.map((page) => page.id),
      archived,
    ]),
    forgotten.chains.map(({ previous, later }) => [
      previous?.id,
      previous?.meta_info,
      later.map(({ id }) => id),
    ]),
    forgotten.traits,
    forgotten.facts,
    forgotten.factsChanged,
    forgotten.troubles,
  ]);
}
