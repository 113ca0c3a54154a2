import { type Page, projectOf } from '../model/page.js';

/**
 * Of pages that wait beyond this number a batch takes a part, so that what waits stays bounded under load without pause:
 * a batch costs much the same whether it is small or large.
 */
const backlogPages = 256;
const backlogPart = 1 / 4;
const batchPagesMax = 512;
/** While more pages wait than this, adds are answered later. */
const unpacedPages = 2048;
const pagesPerPauseMs = 16;
const pauseMsMax = 500;
/** More text than this is not added to a batch beyond its usual size. */
const batchCharactersMax = 256 * 1024;

/**
 * The newest pages within the capacity, oldest first: what every retrieval returns whole; of these only the
 * pages of a project where a question is asked in one.
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
 * Of the oldest pages of short-term memory half of the capacity and at least one, once there are more than the capacity: a batch, so
 * that it can hold a topic. Larger while more than 256 wait: a quarter of those beyond, up to 512 pages and 256 Ki
 * characters. `drain`: also when there are no more than the capacity.
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
 * How long an add is answered later, so that pages cannot come faster than they are read and migrated: nothing while
 * up to 2,048 wait for the one or the other, then a millisecond for every 16, at most half a second.
 */
export function pauseOfAddMs(
  { shortTerm, unread }: { readonly shortTerm: number; readonly unread: number },
  capacityPages: number,
): number {
  const beyond = Math.max(shortTerm - capacityPages, unread) - unpacedPages;
  return Math.min(pauseMsMax, Math.max(0, Math.floor(beyond / pagesPerPauseMs)));
}

/** So many of the oldest pages {@link nextBatch} looks at. */
export function batchReach(capacityPages: number): number {
  return Math.max(batchPagesMax, usualBatch(capacityPages));
}

function usualBatch(capacityPages: number): number {
  return Math.max(1, Math.floor(capacityPages / 2));
}

function charactersOf(page: Page): number {
  return page.user_input.length + page.agent_response.length;
}
