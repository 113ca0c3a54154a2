/** A value of JSON in whose strings half surrogate pairs are U+FFFD, so that every client can read it back. */
export function mended<T>(value: T): T;
export function mended(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(mended);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key.toWellFormed(), mended(one)]));
}
