import { day, month, months, type Span, utc, year } from './calendar.js';
import {
  type Direction,
  dayOfMonth,
  distance,
  type Groups,
  holiday,
  monthIndex,
  namedDay,
  namedMonth,
  namedUnit,
  namedWeekday,
  numbers,
  weekdays,
} from './named-times.js';

/** A time named in a text, resolved to dates. */
export interface When {
  /** Position in the text, with the preposition before the time: from (inclusive), to (exclusive). */
  readonly from: number;
  readonly to: number;
  /** The absolute time with its preposition: "on 16 May 2023", "in the week of 8 May 2023", "since 2016". */
  readonly phrase: string;
  readonly preposition: string;
  /** First and last millisecond of the time, UTC. */
  readonly startMs: number;
  readonly endMs: number;
  /**
   * A day or month without a year and without "last" or "next". The same day or month of another year may be
   * meant.
   */
  readonly yearless: boolean;
}

/**
 * The first time an English text names, absolute or relative to the time of writing; null when there is none.
 * Words that are only sometimes times ("sat", "may", "second") do not count on their own.
 */
export function findWhen(text: string, writtenAtMs: number, direction: Direction): When | null {
  let best: When | null = null;
  for (const { pattern, resolve } of forms) {
    for (const match of text.matchAll(pattern)) {
      if (
        best !== null &&
        (match.index > best.from || (match.index === best.from && match[0].length <= best.to - best.from))
      ) {
        continue;
      }
      const span = resolve(match.groups ?? {}, writtenAtMs, direction);
      if (span === null) continue;
      const preposition = keptPrepositions.has(match.groups?.pre?.toLowerCase().trim() ?? '')
        ? (match.groups?.pre?.toLowerCase().trim() ?? span.preposition)
        : span.preposition;
      best = {
        from: match.index,
        to: match.index + match[0].length,
        phrase: `${preposition} ${span.label}`,
        preposition,
        startMs: span.startMs,
        endMs: span.endMs,
        yearless: isYearless(match.groups ?? {}),
      };
    }
  }
  return best;
}

function isYearless({ m, h, y, pre, rel }: Groups): boolean {
  return (m ?? h) !== undefined && y === undefined && rel === undefined && !/last|next|this/i.test(pre ?? '');
}

const keptPrepositions = new Set(['since', 'by', 'until', 'till', 'before', 'after', 'for', 'from']);

type Resolve = (groups: Groups, nowMs: number, direction: Direction) => Span | null;

const monthName = `(?:${months
  .map((name) => `${name.slice(0, 3)}(?:${name.slice(3) || ''})?`)
  .join('|')
  .replace('may()?', 'may')}|sept)\\.?`;
const weekdayName = `(?:${weekdays.join('|')}|(?:mon|tues?|wed|thurs?|fri|sat|(?<!this )sun)\\b\\.?)`;
const amount = `(?:\\d{1,3}|an?|${numbers.slice(1).join('|')}|a couple(?: of)?|a few|several|half a)`;
const pre = '(?:\\b(?<pre>on|in|since|by|until|till|before|after|for|from|during|at|back in) (?:the )?)?';
const needsPre =
  '\\b(?<pre>on|in|since|by|until|till|before|after|for|from|during|back in|this|last|next|this past|this coming) ';

const forms: readonly { readonly pattern: RegExp; readonly resolve: Resolve }[] = [
  form(`${pre}\\b(?<y>(?:19|20)\\d\\d)-(?<m>\\d\\d)-(?<d>\\d\\d)\\b`, ({ y, m, d }) =>
    day(utc(Number(y), Number(m) - 1, Number(d))),
  ),
  form(
    `${pre}\\b(?<d>\\d{1,2}) ?(?:st|nd|rd|th)?(?: of)? (?<m>${monthName})(?![a-z])(?:,? (?<y>(?:19|20)\\d\\d)\\b)?`,
    dayOfMonth,
  ),
  form(
    `${pre}\\b(?<m>${monthName}) (?<d>\\d{1,2})(?: ?(?:st|nd|rd|th))?(?!\\d)(?: ?,? (?<y>(?:19|20)\\d\\d)\\b)?`,
    dayOfMonth,
  ),
  form(
    `${pre}\\b(?:early |late |mid-? ?|the (?:beginning|end|middle) of )?(?<m>${monthName})(?: of)?,? (?<y>(?:19|20)\\d\\d)\\b`,
    ({ m, y }) => month(Number(y), monthIndex(m)),
  ),
  form(
    `${needsPre}(?:early |late |mid-? ?|the (?:beginning|end|middle) of )?(?<m>${monthName})(?![a-z\\d])(?! \\d)`,
    namedMonth,
  ),
  form(
    '\\b(?<pre>in|since|during|by|until|back in|before|after|from) (?:early |late )?(?<y>(?:19|20)\\d\\d)\\b(?!-)',
    ({ y }) => year(Number(y)),
  ),
  form(
    `${pre}\\b(?:earlier |later )?(?<r>the day before yesterday|yesterday|the day after tomorrow|tomorrow|today|tonight|this morning|this afternoon|this evening|last night)(?: (?:morning|afternoon|evening|night))?\\b`,
    namedDay,
  ),
  form(
    `${pre}\\b(?<rel>this past|this coming|the past|last|next|this|earlier this|later this|the) (?<u>weekend|week|month|year|spring|summer|autumn|fall|winter)(?<bl> before last)?\\b`,
    namedUnit,
  ),
  form(
    `(?:\\b(?<pre>since|by|until|till|before|after|for|from) )?\\b(?<rel>on|this past|this coming|last|next|this|past|coming) (?<w>${weekdayName})(?: (?:morning|afternoon|evening|night))?\\b`,
    namedWeekday,
  ),
  form(
    `${pre}\\b(?:about |around |almost |over |more than )?(?<n>${amount}) (?<u>day|week|month|year)s? ago\\b`,
    (groups, now) => distance(groups, now, -1),
  ),
  form(
    `\\b(?:with)?in (?:about |around )?(?<n>${amount}) (?<u>day|week|month|year)s?(?: time| from now)?\\b(?! (?:ago|of))`,
    (groups, now, direction) => (direction === 'past' ? null : distance(groups, now, 1)),
  ),
  form(
    `${pre}\\b(?<rel>last |next |this )?(?<h>christmas(?: eve| day)?|new year ?'s(?: eve| day)?|halloween|valentine ?'s day)\\b`,
    holiday,
  ),
];

function form(source: string, resolve: Resolve): { pattern: RegExp; resolve: Resolve } {
  return { pattern: new RegExp(source, 'gi'), resolve };
}
