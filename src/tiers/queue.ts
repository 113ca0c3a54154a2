import { type Page, projectOf } from '../model/page.js';

/** Pages over the capacity: they wait for migration. Oldest first. */
export function pagesWaiting(shortTerm: readonly Page[], capacityPages: number): readonly Page[] {
  return shortTerm.slice(0, Math.max(0, shortTerm.length - capacityPages));
}

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
 * The oldest pages, half of the capacity and at least one, once there are more than the capacity: a batch, so
 * that it can hold a topic. `drain`: also when there are not.
 */
export function nextBatch(
  shortTerm: readonly Page[],
  capacityPages: number,
  drain: boolean,
): readonly [Page, ...Page[]] | null {
  if (shortTerm.length <= capacityPages && !drain) return null;
  const [first, ...rest] = shortTerm.slice(0, Math.max(1, Math.floor(capacityPages / 2)));
  return first === undefined ? null : [first, ...rest];
}
