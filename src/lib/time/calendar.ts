/** A period as a person names it. */
export interface Span {
  readonly label: string;
  readonly preposition: string;
  readonly startMs: number;
  readonly endMs: number;
}

export const dayMs = 86_400_000;
export const months = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];
const seasons: Readonly<Record<string, number>> = { spring: 2, summer: 5, autumn: 8, fall: 8, winter: 11 };

export function utc(y: number, m: number, d: number): number {
  return Date.UTC(y, m, d);
}

export function partsOf(ms: number): { y: number; m: number; d: number; w: number } {
  const date = new Date(ms);
  return { y: date.getUTCFullYear(), m: date.getUTCMonth(), d: date.getUTCDate(), w: date.getUTCDay() };
}

export function startOfDay(ms: number): number {
  return Math.floor(ms / dayMs) * dayMs;
}

function written(ms: number): string {
  const { y, m, d } = partsOf(ms);
  return `${d} ${titled(months[m] ?? '')} ${y}`;
}

function titled(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

export function day(ms: number): Span | null {
  if (!Number.isFinite(ms)) return null;
  return { label: written(ms), preposition: 'on', startMs: ms, endMs: ms + dayMs - 1 };
}

export function month(y: number, m: number): Span {
  const startMs = utc(y, m, 1);
  const shown = partsOf(startMs);
  return {
    label: `${titled(months[shown.m] ?? '')} ${shown.y}`,
    preposition: 'in',
    startMs,
    endMs: utc(y, m + 1, 1) - 1,
  };
}

export function year(y: number): Span {
  return { label: String(y), preposition: 'in', startMs: utc(y, 0, 1), endMs: utc(y + 1, 0, 1) - 1 };
}

/** Weeks begin on Monday. */
export function week(ms: number): Span {
  const startMs = startOfDay(ms) - ((partsOf(ms).w + 6) % 7) * dayMs;
  return {
    label: `the week of ${written(startMs)}`,
    preposition: 'in',
    startMs,
    endMs: startMs + 7 * dayMs - 1,
  };
}

export function weekend(ms: number): Span {
  const startMs = week(ms).startMs + 5 * dayMs;
  return {
    label: `the weekend of ${written(startMs)}`,
    preposition: 'on',
    startMs,
    endMs: startMs + 2 * dayMs - 1,
  };
}

export function season(name: string, y: number): Span {
  const startMs = utc(y, seasons[name] ?? 0, 1);
  return {
    label: `${name} ${y}`,
    preposition: 'in',
    startMs,
    endMs: utc(y, (seasons[name] ?? 0) + 3, 1) - 1,
  };
}

export function around(span: Span): Span {
  return { ...span, preposition: 'around' };
}
