import { type Page, projectOf } from '../model/page.js';

/**
 * When more pages wait than this, batches grow, so that the number of waiting pages stays bounded under
 * constant load. A large batch costs little more than a small one.
 */
const backlogPages = 256;
const backlogPart = 1 / 4;
const batchPagesMax = 512;
/** When more pages wait than this, adds are delayed. */
const unpacedPages = 2048;
const pagesPerPauseMs = 16;
const pauseMsMax = 500;
/** No pages are added to a batch beyond its usual size once it has this much text. */
const batchCharactersMax = 256 * 1024;

/**
 * The newest pages within the capacity, oldest first; every retrieval returns them in full. When a question
 * is asked in a project, only that project's pages.
 */
export function pagesAtHand(
  shortTerm: readonly Page[],
  capacityPages: number,
  project?: string,
): readonly Page[] {
  const newest = shortTerm.slice(Math.max(0, shortTerm.length - capacityPages));
  return project === undefined ? newest : newest.filter((page) => projectOf(page) === project);
}

/**
 * The next batch: the oldest half of the capacity, at least one page, when short-term memory exceeds the
 * capacity. A batch of this size can contain a topic. Larger while more than 256 pages wait: a quarter of
 * those beyond, up to 512 pages and 256 Ki characters. `drain`: also when the capacity is not exceeded.
 */
export function nextBatch(
  oldest: readonly Page[],
  shortTermPages: number,
  capacityPages: number,
  drain: boolean,
): readonly [Page, ...Page[]] | null {
  if (shortTermPages <= capacityPages && !drain) return null;
  const usual = usualBatch(capacityPages);
  const [first, ...rest] = oldest.slice(0, usual);
  if (first === undefined) return null;
  const beyond = shortTermPages - capacityPages - backlogPages;
  const most = Math.max(usual, Math.min(batchPagesMax, Math.floor(beyond * backlogPart)));
  const batch: [Page, ...Page[]] = [first, ...rest];
  let characters = batch.reduce((sum, page) => sum + charactersOf(page), 0);
  for (const page of oldest.slice(usual, most)) {
    characters += charactersOf(page);
    if (characters > batchCharactersMax) break;
    batch.push(page);
  }
  return batch;
}

/**
 * The delay of an add, so that pages do not arrive faster than they are read and migrated: none while at most
 * 2,048 pages wait for either, then a millisecond for every 16 pages, at most half a second.
 */
export function pauseOfAddMs(
  { shortTerm, unread }: { readonly shortTerm: number; readonly unread: number },
  capacityPages: number,
): number {
  const beyond = Math.max(shortTerm - capacityPages, unread) - unpacedPages;
  return Math.min(pauseMsMax, Math.max(0, Math.floor(beyond / pagesPerPauseMs)));
}

/** How many of the oldest pages {@link nextBatch} examines. */
export function batchReach(capacityPages: number): number {
  return Math.max(batchPagesMax, usualBatch(capacityPages));
}

function usualBatch(capacityPages: number): number {
  return Math.max(1, Math.floor(capacityPages / 2));
}

function charactersOf(page: Page): number {
  return page.user_input.length + page.agent_response.length;
}
