import type { ChainId, PageId, SegmentId } from '../../model/ids.js';
import type { Fact, Owner } from '../../model/knowledge.js';
import type { Page } from '../../model/page.js';
import { failedAnalyses, isPurging } from '../../model/purge.js';
import { outlineOf, type Segment } from '../../model/segment.js';
import { allFacts, findPage, hasPage, type UserState } from '../../model/user-state.js';
import type {
  Answer,
  Counts,
  Need,
  PageTarget,
  PlacedPage,
  Slices,
  TimeSpan,
  WeightedCounts,
  WholeSegment,
} from '../../ports/store.js';
import type { Timeline } from './timeline.js';

/** The source of the slices. */
export interface HeldMemory {
  readonly state: UserState;
  readonly seq: number;
  readonly timeline: Timeline;
}

type Wanted = { readonly [K in keyof Need]-?: NonNullable<Need[K]> };
type Cuts = { readonly [K in keyof Wanted]: (from: HeldMemory, wanted: Wanted[K]) => Slices[K] };

/** Cuts the requested slices from a memory that is held completely. */
export function slicesOf<N extends Need>(from: HeldMemory, need: N): Answer<N> {
  const slices: Partial<Record<keyof Slices, unknown>> = {};
  for (const name of Object.keys(need) as (keyof Need)[]) {
    const wanted = need[name];
    if (wanted !== undefined) slices[name] = slice(name, from, wanted);
  }
  return slices as Answer<N>;
}

function slice<K extends keyof Wanted>(name: K, from: HeldMemory, wanted: Wanted[K]): Slices[K] {
  return cuts[name](from, wanted);
}

const cuts: Cuts = {
  counts: ({ state, seq }) => countsIn(state, seq),
  pages: ({ state }, ids) =>
    new Map(
      ids.flatMap((id): [PageId, PlacedPage][] => {
        const page = findPage(state, id);
        return page === undefined ? [] : [[id, { page, segmentId: state.segmentOfPage.get(id) ?? null }]];
      }),
    ),
  around: ({ state }, spans) => pagesAround(state, spans),
  oldest: ({ state }, most) => state.shortTerm.slice(0, most),
  newest: ({ state }, most) => state.shortTerm.slice(Math.max(0, state.shortTerm.length - most)),
  before: ({ state, timeline }, { pageId, most, characters }) =>
    within(timeline.before(state, pageId, most), characters),
  unread: ({ state }, most) => unreadPages(state, most),
  waiting: ({ state }, wanted) =>
    wanted === 'notNoted'
      ? allPlaced(state).filter(({ page }) => !page.analysed || page.noted !== true)
      : allPlaced(state, ({ unanalysed }) => unanalysed > 0).filter(({ page }) => !page.analysed),
  lastMigrated: ({ state }) => {
    const id = state.lastMigrated;
    return { id, page: (id === null ? undefined : findPage(state, id)) ?? null };
  },
  heads: ({ state }, wanted) =>
    new Map(chosen(state, wanted).map((segment) => [segment.head.id, outlineOf(segment)])),
  segments: ({ state }, ids) =>
    new Map(chosen(state, ids).map((segment) => [segment.head.id, wholeOf(segment)])),
  touched: ({ state }, { target, chains }) => touchedBy(state, target, chains),
  facts: ({ state }, owners) => {
    const known = new Map<Owner, readonly Fact[]>([[null, state.userKnowledge], ...state.assistantKnowledge]);
    if (owners !== 'all') return new Map(owners.map((owner) => [owner, [...(known.get(owner) ?? [])]]));
    return new Map([...known].flatMap(([owner, facts]) => (facts.length === 0 ? [] : [[owner, [...facts]]])));
  },
  profile: ({ state }) => new Map(state.profile),
  troubles: ({ state }) => failedAnalyses(state.troubles),
  purging: ({ state }) => isPurging(state.troubles),
  tombstones: ({ state }) => new Map([...state.tombstones].map(([key, hashes]) => [key, new Map(hashes)])),
  changes: ({ state }) => [...state.changes],
  losses: ({ state }) => [...state.losses],
  timeline: ({ state, timeline }, wanted) => timeline.list(state, wanted),
  days: ({ state, timeline }, most) => timeline.days(state, most),
  pageIds: ({ state }, wanted) =>
    new Set(
      wanted === 'all'
        ? [...state.segmentOfPage.keys(), ...state.shortTermById.keys()]
        : wanted.filter((id) => hasPage(state, id)),
    ),
  everyPage: ({ state }) => allPlaced(state),
};

function countsIn(state: UserState, seq: number): Counts {
  let facts = 0;
  for (const _ of allFacts(state)) facts += 1;
  let unanalysed = 0;
  let unread = 0;
  for (const segment of state.segments.values()) {
    unanalysed += segment.unanalysed;
    unread += segment.unread;
  }
  for (const page of state.shortTerm) {
    if (!page.analysed) unanalysed += 1;
    if (!page.read) unread += 1;
  }
  return {
    shortTerm: state.shortTerm.length,
    segments: state.segments.size,
    midTerm: state.segmentOfPage.size,
    unanalysed,
    unread,
    traits: state.profile.size,
    facts,
    archivedSegments: state.archivedSegments,
    archivedPages: state.archivedPages,
    seq,
  };
}

function pagesAround(state: UserState, wanted: readonly TimeSpan[]): Page[] {
  // Timestamps have one form, so they are compared as text. This is faster when many pages wait.
  const spans = merged(wanted).map(({ fromMs, untilMs }) => ({
    from: new Date(Math.ceil(fromMs)).toISOString(),
    until: new Date(Math.floor(untilMs)).toISOString(),
  }));
  const isIn = ({ timestamp }: Page) =>
    spans.some(({ from, until }) => timestamp >= from && timestamp <= until);
  const found = spans.length === 0 ? [] : state.shortTerm.filter(isIn);
  for (const { pages, firstAt, lastAt } of state.segments.values()) {
    if (firstAt === null || lastAt === null) continue;
    if (spans.some(({ from, until }) => lastAt >= from && firstAt <= until)) {
      found.push(...pages.filter(isIn).reverse());
    }
  }
  return found;
}

/** Merges overlapping spans. */
function merged(spans: readonly TimeSpan[]): TimeSpan[] {
  const result: TimeSpan[] = [];
  for (const span of [...spans].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = result.at(-1);
    if (last === undefined || span.fromMs > last.untilMs) result.push(span);
    else result[result.length - 1] = { ...last, untilMs: Math.max(last.untilMs, span.untilMs) };
  }
  return result;
}

function unreadPages(state: UserState, most: number): Page[] {
  const found: Page[] = [];
  for (const { pages, unread } of state.segments.values()) {
    if (unread === 0) continue;
    for (const page of pages) {
      if (found.length >= most) return found;
      if (!page.read) found.push(page);
    }
  }
  for (const page of state.shortTerm) {
    if (found.length >= most) break;
    if (!page.read) found.push(page);
  }
  return found;
}

function allPlaced(state: UserState, has: (segment: Segment) => boolean = () => true): PlacedPage[] {
  const segments = [...state.segments.values()].filter(has);
  return [
    ...segments.flatMap(({ head, pages }) => pages.map((page) => ({ page, segmentId: head.id }))),
    ...state.shortTerm.map((page) => ({ page, segmentId: null })),
  ];
}

/** In the order they were opened. */
function chosen(state: UserState, wanted: 'all' | readonly SegmentId[] | WeightedCounts): Segment[] {
  if (wanted === 'all') return [...state.segments.values()];
  if ('least' in wanted) {
    const { perVisit, perUnanalysed, base, least } = wanted;
    return [...state.segments.values()].filter(
      ({ head, unanalysed }) =>
        unanalysed > 0 && perVisit * head.n_visit + perUnanalysed * unanalysed + base >= least,
    );
  }
  if (wanted.length === 1) return wanted.flatMap((id) => state.segments.get(id) ?? []);
  const ids = new Set(wanted);
  return [...state.segments.values()].filter(({ head }) => ids.has(head.id));
}

function wholeOf({ head, pages }: Segment): WholeSegment {
  return { head, pages: [...pages] };
}

function touchedBy(state: UserState, target: PageTarget, chains: readonly ChainId[]): Slices['touched'] {
  const isTarget = (page: Page) =>
    target.kind === 'pages' ? target.ids.has(page.id) : Date.parse(page.timestamp) < target.ms;
  const broken = new Set<ChainId | null>(chains);
  for (const { pages } of state.segments.values()) {
    for (const page of pages) if (page.chain_id !== null && isTarget(page)) broken.add(page.chain_id);
  }
  return {
    segments: [...state.segments.values()]
      .filter(({ pages }) =>
        pages.some((page) => isTarget(page) || (page.chain_id !== null && broken.has(page.chain_id))),
      )
      .map(wholeOf),
    shortTerm: state.shortTerm.filter(isTarget),
  };
}

/** The last pages that have at most this many characters together. */
function within(pages: readonly Page[], characters: number): readonly Page[] {
  let sum = 0;
  const from = pages.findLastIndex(({ user_input, agent_response }) => {
    sum += user_input.length + agent_response.length;
    return sum > characters;
  });
  return pages.slice(from + 1);
}
