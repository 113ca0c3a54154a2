/** What a page said elsewhere keeps of its score: where no project was named, and in another project. */
const outsideProjectsKeeps = 0.6;
const otherProjectKeeps = 0.4;
/** A page of another place than the best page's stays if it fits nearly as well as that one does. */
const elsewhereShareMin = 0.7;

/**
 * Makes the pages of the project that is asked in count more than those said elsewhere, and takes out pages of
 * other places than the best page's that fit much less well; pages without a project are a place of their own.
 * Where no project is known of the question, what fits best says which place is meant. In a memory without projects
 * nothing changes.
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
  for (const row of rows) {
    if (projectOf(row) !== bestPlace && (scores[row] ?? 0) < best * elsewhereShareMin) scores[row] = 0;
  }
}
