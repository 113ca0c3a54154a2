import { projectOf } from '../../model/page.js';
import type { UserState } from '../../model/user-state.js';
import type { PlacedPage, TimelineNeed, TimelineSlice } from '../../ports/store.js';

interface Entry extends PlacedPage {
  readonly atMs: number;
}

/** Lists the exchanges of one memory, newest first. The order is kept until the memory changes. */
export class Timeline {
  #position: string | null = null;
  #entries: readonly Entry[] = [];

  /** Null: the exchange to go on after is not in the list. */
  list(state: UserState, position: string, need: TimelineNeed): TimelineSlice | null {
    const fitting = this.#all(state, position).filter(filterOf(need));
    const start = need.after === undefined ? 0 : fitting.findIndex(({ page }) => page.id === need.after) + 1;
    if (need.after !== undefined && start === 0) return null;
    return {
      exchanges: fitting.slice(start, start + need.limit).map(({ page, segmentId }) => ({ page, segmentId })),
      total: fitting.length,
      more: start + need.limit < fitting.length,
    };
  }

  #all(state: UserState, position: string): readonly Entry[] {
    if (this.#position === position) return this.#entries;
    const entries: Entry[] = [];
    for (const page of state.shortTerm) {
      entries.push({ page, segmentId: null, atMs: Date.parse(page.timestamp) });
    }
    for (const [segmentId, { pages }] of state.segments) {
      for (const page of pages) entries.push({ page, segmentId, atMs: Date.parse(page.timestamp) });
    }
    // Ids grow with the time of storing, so they order what was said at the same time.
    entries.sort((a, b) => b.atMs - a.atMs || (a.page.id < b.page.id ? 1 : -1));
    this.#entries = entries;
    this.#position = position;
    return entries;
  }
}

function filterOf(need: TimelineNeed): (entry: Entry) => boolean {
  const { text, side, project, sinceMs, untilMs, segmentId } = need;
  const holds = (said: string) => said !== '' && (text === '' || said.toLowerCase().includes(text));
  return (entry) =>
    (segmentId === undefined || entry.segmentId === segmentId) &&
    entry.atMs >= sinceMs &&
    entry.atMs < untilMs &&
    (project === undefined || projectOf(entry.page) === project) &&
    ((side !== 'agent' && holds(entry.page.user_input)) ||
      (side !== 'user' && holds(entry.page.agent_response)));
}
