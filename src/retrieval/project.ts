/**
 * A "place" is a project, or all pages without a project. If the question has a project, pages of other
 * places keep this share of their score: the first number for pages without a project, the second for pages
 * of another project.
 */
const outsideProjectsKeeps = 0.6;
const otherProjectKeeps = 0.4;
/**
 * A page of another place than the place of the best page is kept if its score is at least this share of the
 * best score. If the question has a project, the shares above are applied first. Measured on two mixes of
 * three conversations each; the pages had a project and the questions had none. With 0.7, 0.8, 0.9 and 1, the
 * share of the pages found that were from another conversation was 12.3, 7.7, 5.2 and 4.6 %. Up to 0.9 no
 * evidence is lost; with 1, a part of it is lost.
 */
const elsewhereShareMin = { named: 0.7, notNamed: 0.9 };

/**
 * Prefers pages of the current project, and removes pages of other places that match much less than the best
 * page. Pages without a project form a place of their own. If the question has no known project, the place of
 * the best page is preferred. In a memory without projects, nothing changes.
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
