/**
 * A "place" is a project, or all pages without a project. If the question has a project, pages of other places keep
 * this share of their score. The share is near 1, because the scores of good and weak pages differ by little: with
 * 0.6 (no project) and 0.4 (another project), a question about another place found almost only pages of its own. On
 * three mixes of LoCoMo, 0.4, 0.7, 0.8, 0.9 and 1 found 31, 65, 74, 77 and 79 % of the evidence in another project. In
 * the own project all found 79 to 81 %, and 1, 2, 3, 4 and 8 % of the pages were of another conversation. On a mix of
 * REALTALK the order is the same.
 */
const elsewhereKeeps = 0.9;
/**
 * A page of another place than the place of the best page is kept if its score is at least this share of the best
 * score. If the question has a project, the share above is applied first. Measured on two mixes of three
 * conversations each; the pages had a project and the questions had none. With 0.7, 0.8, 0.9 and 1, the share of the
 * pages found that were from another conversation was 12.3, 7.7, 5.2 and 4.6 %. Up to 0.9 no evidence is lost; with
 * 1, a part of it is lost.
 */
const elsewhereShareMin = 0.9;

/**
 * Prefers pages of the current project, and removes pages of other places than the best page's that match less than
 * it. Pages without a project form a place of their own. If the question has no known project, the place of the best
 * page is preferred. In a memory without projects, nothing changes.
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
    if (asked !== null && place !== asked) scores[row] = (scores[row] ?? 0) * elsewhereKeeps;
    if ((scores[row] ?? 0) <= best) continue;
    best = scores[row] ?? 0;
    bestPlace = place;
  }
  for (const row of rows) {
    if (projectOf(row) !== bestPlace && (scores[row] ?? 0) < best * elsewhereShareMin) scores[row] = 0;
  }
}
