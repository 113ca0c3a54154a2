/** |A ∩ B| / |A ∪ B| of two collections without duplicates, in [0, 1]; 0 when both are empty. */
export function jaccard<T>(a: readonly T[], b: ReadonlySet<T>): number {
  let shared = 0;
  for (const item of a) if (b.has(item)) shared += 1;
  const union = a.length + b.size - shared;
  return union === 0 ? 0 : shared / union;
}
