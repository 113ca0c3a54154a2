import type { PageId } from '../../model/ids.js';
import { type Page, projectOf } from '../../model/page.js';
import { findPage, hasPage, type UserState } from '../../model/user-state.js';
import type { StoreChange, TimelineNeed, TimelineSlice } from '../../ports/store.js';

/** When a page was said. Ids grow with the time of storing, so they order pages said at the same time. */
interface Moment {
  readonly atMs: number;
  readonly id: PageId;
}

const dayMs = 24 * 3600 * 1000;
/** How many filtered lists are kept, because scrolling asks for the same list again and again. */
const filteredMax = 4;

/**
 * The pages of one memory in the order they were said. Built on first use and then updated with each change.
 * So a part of the list costs time in proportion to its own size, not to the size of the memory. Only the
 * first part of a filtered list examines every page.
 */
export class Timeline {
  /** Oldest first; null: must be rebuilt. */
  #moments: Moment[] | null = null;
  /** New pages that are not sorted in yet. */
  #added: Moment[] = [];
  /** Whether pages may have been removed. */
  #hasLost = false;
  /** By filter; valid until the memory changes. */
  readonly #filtered = new Map<string, readonly Moment[]>();

  /** Must be called after every change of the state. */
  follow(change: StoreChange): void {
    this.#filtered.clear();
    if (change.kind === 'reloaded') this.#moments = null;
    if (this.#moments === null || change.kind === 'reloaded') return;
    for (const operation of change.operations) {
      if (operation.op === 'page_added') this.#added.push(momentOf(operation.page));
      if (operation.op === 'page_forgotten' || operation.op === 'segment_archived') this.#hasLost = true;
    }
  }

  /** Null when the exchange to continue after is not in the list. */
  list(state: UserState, need: TimelineNeed): TimelineSlice | null {
    const moments = hasFilter(need) ? this.#fitting(state, need) : this.#all(state);
    const from = placeOf(moments, { atMs: need.sinceMs, id: firstId });
    const until = Math.max(from, placeOf(moments, { atMs: need.untilMs, id: firstId }));
    let end = until;
    if (need.after !== undefined) {
      const page = findPage(state, need.after);
      end = page === undefined ? -1 : placeOf(moments, momentOf(page));
      if (end < from || end >= until || moments[end]?.id !== need.after) return null;
    }
    const start = Math.max(from, end - need.limit);
    const exchanges = moments
      .slice(start, end)
      .reverse()
      .flatMap(({ id }) => {
        const page = findPage(state, id);
        return page === undefined ? [] : [{ page, segmentId: state.segmentOfPage.get(id) ?? null }];
      });
    return { exchanges, total: until - from, more: start > from };
  }

  /** The pages directly before a page, oldest first; none if that page is not there. */
  before(state: UserState, pageId: PageId, most: number): Page[] {
    const page = findPage(state, pageId);
    if (page === undefined) return [];
    const moments = this.#all(state);
    const end = placeOf(moments, momentOf(page));
    return moments.slice(Math.max(0, end - most), end).flatMap(({ id }) => findPage(state, id) ?? []);
  }

  /**
   * Number of pages for each day (`YYYY-MM-DD`, UTC), for the latest `most` days that have any; latest first.
   */
  days(state: UserState, most: number): Map<string, number> {
    const moments = this.#all(state);
    const counts = new Map<number, number>();
    for (let i = moments.length - 1; i >= 0; i -= 1) {
      const day = Math.floor((moments[i]?.atMs ?? 0) / dayMs);
      const count = counts.get(day);
      if (count === undefined && counts.size === most) break;
      counts.set(day, (count ?? 0) + 1);
    }
    return new Map(
      [...counts].map(([day, count]) => [new Date(day * dayMs).toISOString().slice(0, 10), count]),
    );
  }

  #all(state: UserState): readonly Moment[] {
    let moments = this.#moments;
    if (moments !== null) {
      if (this.#added.length > 0) place(this.#added, moments);
      if (this.#hasLost) moments = moments.filter(({ id }) => hasPage(state, id));
    }
    if (moments?.length !== state.shortTerm.length + state.segmentOfPage.size) {
      moments = [...pagesOf(state)].map(momentOf).sort(inOrder);
    }
    this.#added = [];
    this.#hasLost = false;
    this.#moments = moments;
    return moments;
  }

  #fitting(state: UserState, need: TimelineNeed): readonly Moment[] {
    const { text, side, project, segmentId } = need;
    const key = JSON.stringify([text, side, project, segmentId]);
    const known = this.#filtered.get(key);
    if (known !== undefined) return known;
    const pages = segmentId === undefined ? pagesOf(state) : (state.segments.get(segmentId)?.pages ?? []);
    const found: Moment[] = [];
    const fits = filterOf(need);
    for (const page of pages) if (fits(page)) found.push(momentOf(page));
    found.sort(inOrder);
    const [oldest] = this.#filtered.keys();
    if (oldest !== undefined && this.#filtered.size >= filteredMax) this.#filtered.delete(oldest);
    this.#filtered.set(key, found);
    return found;
  }
}

/** Sorts before every id. */
const firstId = '' as PageId;

function momentOf(page: Page): Moment {
  return { atMs: Date.parse(page.timestamp), id: page.id };
}

function inOrder(a: Moment, b: Moment): number {
  return a.atMs - b.atMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** The index of the moment, or the index at which it would be inserted. */
function placeOf(moments: readonly Moment[], moment: Moment): number {
  let low = 0;
  let high = moments.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const there = moments[middle];
    if (there !== undefined && inOrder(there, moment) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Inserts new moments in order. Most go to the end. */
function place(added: Moment[], moments: Moment[]): void {
  added.sort(inOrder);
  const last = moments.at(-1);
  const [first] = added;
  const follows = last === undefined || first === undefined || inOrder(last, first) < 0;
  for (const moment of added) moments.push(moment);
  if (!follows) moments.sort(inOrder);
}

function* pagesOf(state: UserState): Iterable<Page> {
  yield* state.shortTerm;
  for (const { pages } of state.segments.values()) yield* pages;
}

function hasFilter({ text, side, project, segmentId }: TimelineNeed): boolean {
  return text !== '' || side !== undefined || project !== undefined || segmentId !== undefined;
}

/** The filters that examine the page itself. */
function filterOf({ text, side, project }: TimelineNeed): (page: Page) => boolean {
  const contains = containing(text);
  const holds = (said: string) => said !== '' && (text === '' || contains(said));
  return (page) =>
    (project === undefined || projectOf(page) === project) &&
    ((side !== 'agent' && holds(page.user_input)) || (side !== 'user' && holds(page.agent_response)));
}

/** Letters outside ASCII that have one of it in lower case: the Kelvin sign and the dotted capital I. */
const becomesAscii = /[\u0130\u212a]/;

/** Returns a function that finds a lower-case text in an exchange, ignoring case. */
function containing(text: string): (said: string) => boolean {
  if (!/^[\x20-\x7e]+$/.test(text)) return (said) => said.toLowerCase().includes(text);
  // In lower case every page would be copied for every search.
  const pattern = new RegExp(text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'), 'i');
  return (said) => pattern.test(said) || (becomesAscii.test(said) && said.toLowerCase().includes(text));
}
