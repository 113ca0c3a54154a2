import type { Language } from '../text/languages.js';
import { day, dayMs, month, type Span, startOfDay, week, year } from './calendar.js';
import type { TimeWords } from './time-words.js';

type Unit = 'day' | 'week' | 'month' | 'year';
type Groups = Readonly<Record<string, string | undefined>>;
type Named = Pick<Span, 'startMs' | 'endMs'> & { readonly yearless?: boolean };

export interface Form {
  readonly pattern: RegExp;
  readonly resolve: (groups: Groups, nowMs: number) => Named | null;
}

type AddForm = (source: string, resolve: Form['resolve']) => void;

const recentDays = 14;
const unitDays: Readonly<Record<string, number>> = { day: 1, week: 7, month: 31, year: 366 };
const units: readonly Unit[] = ['day', 'week', 'month', 'year'];
export const unspacedLanguages: ReadonlySet<Language> = new Set(['chinese', 'japanese', 'thai']);

/** The phrases that name times in a language, each with the time it means. */
export function formsOf(
  entry: TimeWords,
  language: Language,
  bounded: (source: string) => RegExp,
): readonly Form[] {
  const forms: Form[] = [];
  const form: AddForm = (source, resolve) => forms.push({ pattern: bounded(source), resolve });
  const locale = `${entry.locale}-u-nu-latn-ca-gregory`;
  const weekdays = weekdaysOf(locale);
  for (const unit of units) {
    if (language !== 'english') relativeForms(unit, locale, weekdays, form);
    agoForms(unit, locale, unspacedLanguages.has(language), form);
    if (entry.last !== undefined) lastForms(entry.last, unit, locale, form);
  }
  alsoForms(entry, weekdays, form);
  if (entry.recently !== undefined) {
    form(entry.recently, (_, now) => ({ startMs: startOfDay(now) - recentDays * dayMs, endMs: now }));
  }
  // A weekday means the latest one before today. In English, another word must show that a date is meant.
  form(
    language === 'english'
      ? `(?<=(?:on|since|last|past|this)\\s)(?<w>${weekdays.pattern})`
      : `(?<w>${weekdays.pattern})`,
    ({ w }, now) => {
      const back = (new Date(now).getUTCDay() - weekdays.of(w) + 7) % 7 || 7;
      return day(startOfDay(now) - back * dayMs);
    },
  );
  if (language === 'english') englishForms(form);
  else monthForms(entry, locale, form);
  return forms;
}

/** "Yesterday", "last week", "上周一": a unit by its own word, as the language formats it. */
function relativeForms(unit: Unit, locale: string, weekdays: Weekdays, form: AddForm): void {
  const auto = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  for (const offset of unit === 'day' ? [-3, -2, -1, 0] : [-2, -1, 0]) {
    const phrase = auto.format(offset, unit).toLowerCase();
    if (/\d/.test(phrase)) continue;
    form(spacedOut(phrase), (_, now) => spanOf(unit, offset, now));
    // "上周一", "先週の月曜日": a weekday of the week named.
    if (unit === 'week') {
      form(`${spacedOut(phrase)}(?:の|,|\\s)?\\s*(?<w>${weekdays.pattern})`, (groups, now) =>
        weekdayIn(weekdays.of(groups.w), spanOf('week', offset, now)),
      );
    }
  }
}

/** "Three days ago". */
function agoForms(unit: Unit, locale: string, isUnspaced: boolean, form: AddForm): void {
  const always = new Intl.RelativeTimeFormat(locale, { numeric: 'always' });
  const ago = new Set([2, 3, 5, 8, 11, 21].map((n) => always.format(-n, unit).replace(String(n), '#')));
  ago.add(always.format(-1, unit).replace('1', '#'));
  for (const phrase of ago) {
    if (!phrase.includes('#')) continue;
    // "Неделю назад": in languages with spaces, the number may be missing.
    const n = isUnspaced ? '(?<n>\\d{1,3})' : '(?:(?<n>\\d{1,3})\\s*)?';
    form(spacedOut(phrase.toLowerCase()).replace(/#(?:\\s[+*])?/, n), (groups, now) =>
      spanOf(unit, -Number(groups.n ?? 1), now),
    );
  }
}

/** "The last three days". */
function lastForms(last: string, unit: Unit, locale: string, form: AddForm): void {
  const name = unitName(locale, unit);
  const range = ({ n }: Groups, now: number): Named => ({
    startMs: spanOf(unit, -Number(n), now)?.startMs ?? now,
    endMs: now,
  });
  for (const source of [
    `(?:${last})\\s*(?<n>\\d{1,3})\\s*(?:${name})`,
    `(?<n>\\d{1,3})\\s*(?:${last})\\s*(?:${name})`,
    `(?<n>\\d{1,3})\\s*(?:${name})\\s*(?:${last})`,
  ]) {
    form(source, range);
  }
}

/** The phrases that the language's entry adds. */
function alsoForms(entry: TimeWords, weekdays: Weekdays, form: AddForm): void {
  for (const [source, unit, offset] of entry.also ?? []) {
    form(source, (_, now) => spanOf(unit, offset, now));
    if (unit !== 'week') continue;
    form(`(?:${source})(?:の)?(?<w>${weekdays.pattern}|[一二三四五六日天])`, ({ w }, now) =>
      weekdayIn(
        w !== undefined && w.length === 1 ? '日一二三四五六'.indexOf(w.replace('天', '日')) : weekdays.of(w),
        spanOf('week', offset, now),
      ),
    );
  }
}

function englishForms(form: AddForm): void {
  form('(?:in |over |during )?the past (?<u>day|week|month|year)', ({ u }, now) => ({
    startMs: startOfDay(now) - (unitDays[u?.toLowerCase() ?? ''] ?? 1) * dayMs,
    endMs: now,
  }));
  form('on the (?<d>\\d{1,2})(?:st|nd|rd|th)', ({ d }, now) => latestDayOfMonth(Number(d), now));
  // Only with a year, because "17.2" is a version or a price. Checked in every language, because many
  // people write English with dates of their own form.
  form('(?<d>\\d{1,2})\\.\\s?(?<m>\\d{1,2})\\.\\s?(?<y>(?:19|20)\\d\\d)', (groups, now) =>
    dayNamed(groups, now),
  );
}

function monthForms(entry: TimeWords, locale: string, form: AddForm): void {
  form('(?:(?<y>\\d{4})\\s*年)?\\s*(?<m>\\d{1,2})\\s*月\\s*(?<d>\\d{1,2})\\s*[日号號]', (groups, now) =>
    dayNamed(groups, now),
  );
  form(
    '(?:(?<y>\\d{4})\\s*年)\\s*(?<m>\\d{1,2})\\s*月|(?<m2>\\d{1,2})\\s*月(?!\\s*\\d)',
    ({ y, m, m2 }, now) => monthNamed(Number(m ?? m2), y, now),
  );
  form('(?<y>\\d{4})\\s*年', ({ y }) => year(Number(y)));
  form('(?<d>\\d{1,2})\\.\\s?(?<m>\\d{1,2})\\.(?:\\s?(?<y>\\d{4}))?', (groups, now) => dayNamed(groups, now));
  form('(?<y>(?:19|20)\\d\\d)-(?<m>\\d\\d)-(?<d>\\d\\d)', (groups, now) => dayNamed(groups, now));
  const of = "(?:\\s*(?:de|di|van|ב|d[’'])\\s*|\\s+)";
  for (let m = 1; m <= 12; m++) {
    const name = monthName(locale, m);
    // "4月" is written with digits and handled above.
    if (name === null) continue;
    form(`(?<d>\\d{1,2})(?:er|\\.|º|°|-го|-е)?${of}ב?(?:${name})(?:${of}?(?<y>\\d{4}))?`, ({ d, y }, now) =>
      dayNamed({ d, y, m: String(m) }, now),
    );
    form(`(?:${entry.inMonth ?? 'in'})\\s*(?:${name})(?:${of}?(?<y>\\d{4}))?`, ({ y }, now) =>
      monthNamed(m, y, now),
    );
  }
}

function dayNamed({ y, m, d }: Groups, nowMs: number): Named | null {
  const [monthAt, dayAt] = [Number(m) - 1, Number(d)];
  const at = (of: number) => Date.UTC(of, monthAt, dayAt);
  const now = new Date(nowMs).getUTCFullYear();
  const ms = y === undefined ? (at(now) <= nowMs ? at(now) : at(now - 1)) : at(Number(y));
  if (monthAt < 0 || monthAt > 11 || new Date(ms).getUTCDate() !== dayAt) return null;
  const span = day(ms);
  return span === null ? null : { ...span, yearless: y === undefined };
}

function monthNamed(m: number, y: string | undefined, nowMs: number): Named | null {
  if (m < 1 || m > 12) return null;
  const now = new Date(nowMs);
  const of =
    y !== undefined
      ? Number(y)
      : now.getUTCMonth() + 1 >= m
        ? now.getUTCFullYear()
        : now.getUTCFullYear() - 1;
  return { ...month(of, m - 1), yearless: y === undefined };
}

function latestDayOfMonth(d: number, nowMs: number): Named | null {
  const now = new Date(nowMs);
  for (let back = 0; back < 4; back++) {
    const ms = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, d);
    if (ms <= nowMs && new Date(ms).getUTCDate() === d) return day(ms);
  }
  return null;
}

function spanOf(unit: Unit, offset: number, nowMs: number): Span | null {
  const now = new Date(nowMs);
  switch (unit) {
    case 'day':
      return day(startOfDay(nowMs) + offset * dayMs);
    case 'week':
      return week(nowMs + offset * 7 * dayMs);
    case 'month':
      return month(now.getUTCFullYear(), now.getUTCMonth() + offset);
    default:
      return year(now.getUTCFullYear() + offset);
  }
}

function weekdayIn(wanted: number, span: Span | null): Span | null {
  return span === null || wanted < 0 ? null : day(span.startMs + ((wanted + 6) % 7) * dayMs);
}

interface Weekdays {
  /** A pattern for the names of all weekdays. */
  readonly pattern: string;
  /** The day of a name; Sunday is 0. */
  of(name: string | undefined): number;
}

function weekdaysOf(locale: string): Weekdays {
  const sunday = Date.UTC(2023, 0, 1);
  const names = ['long' as const, ...(locale.startsWith('zh') ? (['short'] as const) : [])].flatMap(
    (style) => {
      const format = new Intl.DateTimeFormat(locale, { weekday: style, timeZone: 'UTC' });
      return Array.from({ length: 7 }, (_, i) => ({
        name: format.format(sunday + i * dayMs).toLowerCase(),
        day: i,
      }));
    },
  );
  return {
    pattern: alternatives(names.map(({ name }) => name)),
    of: (name) => names.find((known) => known.name === name?.toLowerCase())?.day ?? 0,
  };
}

/**
 * Pattern for all forms of a month's name, alone and beside a day; long names match with other endings. Null
 * for names in digits.
 */
function monthName(locale: string, m: number): string | null {
  const date = Date.UTC(2023, m - 1, 5);
  const partIn = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' })
      .formatToParts(date)
      .find(({ type }) => type === 'month')
      ?.value.toLowerCase() ?? '';
  const names = [partIn({ month: 'long' }), partIn({ month: 'long', day: 'numeric' })];
  const [alone = '', beside = ''] = names;
  if (/\d/.test(alone)) return null;
  let shared = 0;
  while (shared < alone.length && alone[shared] === beside[shared]) shared += 1;
  const inflected = alone !== beside;
  const stem = inflected && shared >= 3 ? [`${alone.slice(0, shared)}\\p{L}{0,2}`] : [];
  const short = inflected && shared < 3 ? [`${alone.slice(0, shared)}[еі]`] : [];
  return alternatives([...stem, ...short, ...names.map(escaped)]);
}

/** Pattern for the names of a unit beside numbers, including other case endings. */
function unitName(locale: string, unit: Unit): string {
  const format = new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' });
  const names = [1, 2, 3, 5, 11].map((n) =>
    format
      .formatToParts(n)
      .filter(({ type }) => type === 'unit')
      .map(({ value }) => value.toLowerCase().trim())
      .join(''),
  );
  return alternatives(names.filter((name) => name !== '').map((name) => `${escaped(name)}(?:en|n|間|ים)?`));
}

function alternatives(sources: readonly string[]): string {
  return [...new Set(sources)].sort((a, b) => b.length - a.length).join('|');
}

/** Turns a phrase into a pattern in which a space matches any number of spaces, including none. */
function spacedOut(phrase: string): string {
  return escaped(phrase).replace(/^ה/u, '[הב]?').replace(/\s+/gu, '\\s*');
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/gu, '\\$&');
}
