import { MemoryError } from '../../model/errors.js';
import type { PageId, SegmentId } from '../../model/ids.js';
import { type Page, projectOf } from '../../model/page.js';
import type { UserState } from '../../model/user-state.js';
import type { ListedExchange, TimelineInput, TimelineResult } from '../memory-engine.js';
import { instantFrom } from '../page-input.js';

interface Entry {
  readonly page: Page;
  readonly segmentId: SegmentId | null;
  readonly atMs: number;
}

const limitDefault = 50;
const limitMax = 500;

/** Lists the exchanges of one memory, newest first. The order is kept until the memory changes. */
export class Timeline {
  #position: string | null = null;
  #entries: readonly Entry[] = [];

  list(state: UserState, position: string, input: TimelineInput): TimelineResult {
    const fitting = this.#all(state, position).filter(filterOf(input));
    const limit = Math.min(limitMax, input.limit ?? limitDefault);
    const start =
      input.after === undefined ? 0 : fitting.findIndex(({ page }) => page.id === input.after) + 1;
    if (input.after !== undefined && start === 0) {
      throw new MemoryError(
        'NOT_FOUND',
        `The exchange ${input.after} is not in this list any more. Load the list again.`,
      );
    }
    const shown = fitting.slice(start, start + limit);
    return {
      exchanges: shown.map(listed),
      total: fitting.length,
      next: start + limit < fitting.length ? (shown.at(-1)?.page.id ?? null) : null,
    };
  }

  /** The exchanges with these ids, oldest first. */
  of(state: UserState, position: string, ids: readonly PageId[]): ListedExchange[] {
    const wanted = new Set(ids);
    return this.#all(state, position)
      .filter(({ page }) => wanted.has(page.id))
      .map(listed)
      .reverse();
  }

  #all(state: UserState, position: string): readonly Entry[] {
    if (this.#position === position) return this.#entries;
    const entries: Entry[] = [];
    const take = (pages: readonly Page[], segmentId: SegmentId | null) => {
      for (const page of pages) entries.push({ page, segmentId, atMs: Date.parse(page.timestamp) });
    };
    take(state.shortTerm, null);
    for (const [id, segment] of state.segments) take(segment.pages, id);
    // Ids grow with the time of storing, so they order what was said at the same time.
    entries.sort((a, b) => b.atMs - a.atMs || (a.page.id < b.page.id ? 1 : -1));
    this.#entries = entries;
    this.#position = position;
    return entries;
  }
}

function listed({ page, segmentId }: Entry): ListedExchange {
  return { ...page, segment_id: segmentId };
}

function filterOf(input: TimelineInput): (entry: Entry) => boolean {
  const sinceMs = input.since === undefined ? Number.NEGATIVE_INFINITY : instantFrom(input.since, 'since');
  const untilMs = input.until === undefined ? Number.POSITIVE_INFINITY : instantFrom(input.until, 'until');
  if (sinceMs > untilMs) {
    throw new MemoryError('INPUT_INVALID', 'since is later than until. Exchange the two.');
  }
  const text = input.text?.trim().toLowerCase() ?? '';
  const { side, project } = input;
  const holds = (said: string) => said !== '' && (text === '' || said.toLowerCase().includes(text));
  return ({ page, segmentId, atMs }) =>
    (input.segmentId === undefined || segmentId === input.segmentId) &&
    atMs >= sinceMs &&
    atMs < untilMs &&
    (project === undefined || projectOf(page) === project) &&
    ((side !== 'agent' && holds(page.user_input)) || (side !== 'user' && holds(page.agent_response)));
}
