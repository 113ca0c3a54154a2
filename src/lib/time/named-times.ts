import {
  around,
  day,
  dayMs,
  month,
  months,
  partsOf,
  type Span,
  season,
  startOfDay,
  utc,
  week,
  weekend,
  year,
} from './calendar.js';

/**
 * Where to look for "on Friday" or "in May": before the time of writing, after it, or whichever is nearest.
 */
export type Direction = 'past' | 'future' | 'nearest';

/** Named groups of a match. */
export type Groups = Readonly<Record<string, string | undefined>>;

export const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
export const numbers = [
  'zero',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
];

export function monthIndex(name: string | undefined): number {
  const start = (name ?? '').slice(0, 3).toLowerCase();
  return months.findIndex((candidate) => candidate.startsWith(start));
}

/** The year in which a day of the year is on the requested side of now. */
function yearFor(startOf: (y: number) => number, now: number, direction: Direction): number {
  const { y } = partsOf(now);
  const today = startOfDay(now);
  if (direction === 'past') return startOf(y) <= today ? y : y - 1;
  if (direction === 'future') return startOf(y) >= today ? y : y + 1;
  return [y - 1, y, y + 1].reduce((best, candidate) =>
    Math.abs(startOf(candidate) - now) < Math.abs(startOf(best) - now) ? candidate : best,
  );
}

export function dayOfMonth(groups: Groups, now: number, direction: Direction): Span | null {
  const m = monthIndex(groups.m);
  const d = Number(groups.d);
  if (d < 1 || d > 31) return null;
  const y =
    groups.y === undefined ? yearFor((candidate) => utc(candidate, m, d), now, direction) : Number(groups.y);
  const ms = utc(y, m, d);
  // There is no 31 June, and no 29 February in most years.
  return partsOf(ms).d === d ? day(ms) : null;
}

export function namedMonth(groups: Groups, now: number, direction: Direction): Span | null {
  const m = monthIndex(groups.m);
  const relation = groups.pre?.toLowerCase();
  const present = partsOf(now);
  if (relation === 'last' || relation === 'this past')
    return month(m < present.m ? present.y : present.y - 1, m);
  if (relation === 'next') return month(m > present.m ? present.y : present.y + 1, m);
  if (relation === 'this' || relation === 'this coming') return month(present.y, m);
  if (m === present.m) return month(present.y, m);
  return month(
    yearFor((candidate) => utc(candidate, m, 1), now, relation === 'since' ? 'past' : direction),
    m,
  );
}

export function namedDay(groups: Groups, now: number): Span | null {
  const name = groups.r?.toLowerCase() ?? '';
  const today = startOfDay(now);
  if (name === 'the day before yesterday') return day(today - 2 * dayMs);
  if (name === 'yesterday' || name === 'last night') return day(today - dayMs);
  if (name === 'the day after tomorrow') return day(today + 2 * dayMs);
  return day(name === 'tomorrow' ? today + dayMs : today);
}

export function namedUnit(groups: Groups, now: number, direction: Direction): Span | null {
  const relation = groups.rel?.toLowerCase() ?? '';
  const unit = groups.u?.toLowerCase() ?? '';
  const beforeLast = groups.bl !== undefined;
  if (relation === 'the' && !beforeLast) return null;
  if (relation === 'the past') return null;
  const step = relation === 'next' ? 1 : relation === 'last' ? -1 : beforeLast ? -2 : 0;
  const { y, m } = partsOf(now);
  switch (unit) {
    case 'week':
      return relation === 'this past' ? week(now - 7 * dayMs) : week(now + step * 7 * dayMs);
    case 'weekend': {
      const back =
        relation === 'this past' ||
        (relation === 'this' && direction === 'past' && partsOf(now).w < 6 && partsOf(now).w > 0);
      return weekend(now + (back ? -1 : step) * 7 * dayMs);
    }
    case 'month':
      return month(y, m + (relation === 'this past' ? -1 : step));
    case 'year':
      return year(y + (relation === 'this past' ? -1 : step));
    default:
      return namedSeason(unit, relation, now, direction);
  }
}

function namedSeason(name: string, relation: string, now: number, direction: Direction): Span {
  const { y } = partsOf(now);
  const ends = (candidate: number): number => season(name, candidate).endMs;
  if (relation === 'last' || relation === 'this past') return season(name, ends(y) < now ? y : y - 1);
  if (relation === 'next')
    return season(name, season(name, y).startMs > now && name !== 'winter' ? y : y + 1);
  return season(
    name,
    relation !== 'this' && direction === 'past' && season(name, y).startMs > now ? y - 1 : y,
  );
}

export function namedWeekday(groups: Groups, now: number, direction: Direction): Span | null {
  const wanted = weekdays.findIndex((name) => name.startsWith(groups.w?.slice(0, 3).toLowerCase() ?? '-'));
  const relation = groups.rel?.toLowerCase() ?? '';
  const today = startOfDay(now);
  const ahead = (wanted - partsOf(now).w + 7) % 7;
  const past =
    relation === 'last' ||
    relation === 'this past' ||
    relation === 'past' ||
    (relation === 'on' && direction === 'past');
  if (past) return day(today - (ahead === 0 ? 7 : 7 - ahead) * dayMs);
  if (direction === 'nearest' && relation === 'on') return null;
  // "Next Friday" said on a Monday usually means the Friday of the following week. Said late in the week, it
  // means the coming one.
  const nextWeek = relation === 'next' && ahead >= 3 && partsOf(now).w !== 0 && wanted > partsOf(now).w;
  return day(today + (ahead === 0 ? 7 : ahead) * dayMs + (nextWeek ? 7 * dayMs : 0));
}

export function distance(groups: Groups, now: number, sign: 1 | -1): Span | null {
  const said = (groups.n ?? '').toLowerCase();
  const exact = /^\d+$/.test(said) || numbers.includes(said) || said === 'a' || said === 'an';
  const n = countOf(said);
  const { y, m } = partsOf(now);
  switch (groups.u?.toLowerCase()) {
    case 'day': {
      const span = day(startOfDay(now) + sign * Math.round(n) * dayMs);
      return span === null || exact ? span : around(span);
    }
    case 'week': {
      const span = day(startOfDay(now) + sign * Math.round(n * 7) * dayMs);
      return span === null ? null : around(span);
    }
    case 'month':
      return around(month(y, m + sign * Math.round(n)));
    default:
      return n < 1 ? around(month(y, m + sign * 6)) : around(year(y + sign * Math.round(n)));
  }
}

function countOf(said: string): number {
  if (said.startsWith('a couple')) return 2;
  if (said === 'a few') return 3;
  if (said === 'several') return 4;
  if (said === 'half a') return 0.5;
  if (said === 'a' || said === 'an') return 1;
  const named = numbers.indexOf(said);
  return named > 0 ? named : Number(said);
}

export function holiday(groups: Groups, now: number, direction: Direction): Span | null {
  const name = groups.h?.toLowerCase() ?? '';
  const [m, d] = name.startsWith('christmas eve')
    ? [11, 24]
    : name.startsWith('christmas')
      ? [11, 25]
      : name.startsWith('hallow')
        ? [9, 31]
        : name.startsWith('valentine')
          ? [1, 14]
          : name.endsWith('eve')
            ? [11, 31]
            : [0, 1];
  const relation = groups.rel?.trim().toLowerCase();
  const side = relation === 'last' ? 'past' : relation === 'next' ? 'future' : direction;
  return day(
    utc(
      yearFor((candidate) => utc(candidate, m, d), now, side),
      m,
      d,
    ),
  );
}
