/**
 * Share of its score that a page of another place keeps, when no project was named and when another one was.
 */
const outsideProjectsKeeps = 0.6;
const otherProjectKeeps = 0.4;
/**
 * A page of another place than the best page's is kept when it scores at least this share of the best. Where
 * a project was named, the shares above act as well. On two mixes of three conversations each, whose pages
 * know their project and whose questions do not, 0.7, 0.8, 0.9 and 1 leave 12.3, 7.7, 5.2 and 4.6 % of the
 * pages found from another conversation; up to 0.9 no evidence is lost, at 1 a part of it.
 */
const elsewhereShareMin = { named: 0.7, notNamed: 0.9 };

/**
 * Prefers pages of the current project, and removes pages of other places that match much less than the best
 * page. Pages without a project form a place of their own. When the question has no known project, the place
 * of the best page is used. In a memory without projects nothing changes.
 */
export function preferProject(
  scores: Float32Array,
  rows: readonly number[],
  projectOf: (row: number) => string | null,
  asked: string | null,
): void {
  let best = 0;
  let bestPlace: string | null = null;
  for (const row of rows) {
    const place = projectOf(row);
    if (asked !== null && place !== asked)
      scores[row] = (scores[row] ?? 0) * (place === null ? outsideProjectsKeeps : otherProjectKeeps);
    if ((scores[row] ?? 0) <= best) continue;
    best = scores[row] ?? 0;
    bestPlace = place;
  }
  const least = best * (asked === null ? elsewhereShareMin.notNamed : elsewhereShareMin.named);
  for (const row of rows) {
    if (projectOf(row) !== bestPlace && (scores[row] ?? 0) < least) scores[row] = 0;
  }
}
