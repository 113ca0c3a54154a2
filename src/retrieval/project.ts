import type { Candidate } from './arrange.js';

/** The project of a row's page; null for a page without a project. */
type ProjectOf = (row: number) => string | null;

/**
 * A "place" is a project, or all pages without a project. If the question has a project, pages of other places keep
 * this share of their score. It is near 1, because the scores of good and weak pages differ by little.
 */
export const elsewhereKeeps = 0.95;
/** A page with at least this share of the best score matches about as well as the best page. */
const aboutAsWell = 0.95;

/**
 * The places that have the most of a question's names, on any of their pages; null if no place has any. `placesOf`
 * are the places of each name. The question "What did Lena say?" is about a place where somebody mentioned Lena.
 */
export function placesOfMostNames(
  placesOf: readonly ReadonlySet<string | null>[],
): ReadonlySet<string | null> | null {
  const counts = new Map<string | null, number>();
  for (const place of placesOf.flatMap((places) => [...places])) {
    counts.set(place, (counts.get(place) ?? 0) + 1);
  }
  const most = Math.max(0, ...counts.values());
  return most === 0
    ? null
    : new Set([...counts].flatMap(([place, count]) => (count === most ? [place] : [])));
}

/**
 * The pages of the place of the best page, and pages of other places that match about as well. If there are any of
 * the latter, the place is in doubt; then every page that matches less is left out, whatever its place. Pages of the
 * project that the question is asked in are preferred. docs/retrieval.md has the measurements.
 */
export function fromOnePlace<Page extends Candidate>(
  pages: readonly Page[],
  projectOf: ProjectOf,
  asked: string | null,
): Page[] {
  const preferred = pages.map((page) =>
    asked === null || projectOf(page.row) === asked ? page : { ...page, score: page.score * elsewhereKeeps },
  );
  const best = preferred.reduce<Page | null>((a, b) => (a === null || b.score > a.score ? b : a), null);
  if (best === null) return [];
  const place = projectOf(best.row);
  const isElsewhere = ({ row }: Page) => projectOf(row) !== place;
  const isWeak = ({ score }: Page) => score < best.score * aboutAsWell;
  const inDoubt = preferred.some((page) => isElsewhere(page) && !isWeak(page));
  return preferred.filter((page) => !isWeak(page) || (!inDoubt && !isElsewhere(page)));
}

/** For a question that names only a time, which fits every place: the pages of its project, or all if there are none. */
export function ofProject<Page extends Candidate>(
  pages: readonly Page[],
  projectOf: ProjectOf,
  asked: string | null,
): readonly Page[] {
  const own = pages.filter(({ row }) => asked !== null && projectOf(row) === asked);
  return own.length > 0 ? own : pages;
}
