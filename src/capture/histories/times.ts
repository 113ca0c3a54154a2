/**
 * Converts a time to ISO 8601 in UTC. Accepts ISO 8601 (UTC when it has no zone), and seconds or milliseconds
 * since 1970. Null when it is not a time.
 */
export function timeFrom(value: unknown): string | null {
  if (typeof value === 'number') return fromMs(value > 1e11 ? value : value * 1000);
  if (typeof value !== 'string' || value.trim() === '') return null;
  const text = value.trim();
  if (/^\d+(\.\d+)?$/.test(text)) return timeFrom(Number(text));
  const hasZone = /(?:Z|[+-]\d{2}:?\d{2}|UTC|GMT)$/i.test(text);
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  return fromMs(Date.parse(hasZone || isDay ? text : `${text.replace(' ', 'T')}Z`));
}

function fromMs(ms: number): string | null {
  return Number.isFinite(ms) && Math.abs(ms) < 8.64e15 ? new Date(Math.trunc(ms)).toISOString() : null;
}
