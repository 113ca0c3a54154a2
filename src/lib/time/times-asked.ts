import type { Language } from '../text/languages.js';
import { day, dayMs, month, type Span, startOfDay, week, year } from './calendar.js';
import { type TimeWords, timeWords } from './time-words.js';
import { findWhen } from './when.js';

/** A time that a question names, and its position in the text. */
export interface AskedTime {
  readonly from: number;
  readonly to: number;
  readonly startMs: number;
  readonly endMs: number;
  /** A day or month without a year. The same day or month of another year may be meant. */
  readonly yearless: boolean;
}

type Unit = 'day' | 'week' | 'month' | 'year';
type Groups = Readonly<Record<string, string | undefined>>;
type Named = Pick<AskedTime, 'startMs' | 'endMs'> & { readonly yearless?: boolean };

interface Form {
  readonly pattern: RegExp;
  readonly resolve: (groups: Groups, nowMs: number) => Named | null;
}

const timesMax = 4;
const recentDays = 14;
const unitDays: Readonly<Record<string, number>> = { day: 1, week: 7, month: 31, year: 366 };
const units: readonly Unit[] = ['day', 'week', 'month', 'year'];

/**
 * The times a question names, in the order of the text: days, months, years and ranges, absolute or relative
 * to `nowMs`, always in the past. All times are local times, expressed as if the local clock showed UTC.
 */
export function timesAsked(text: string, nowMs: number, languages: Iterable<Language>): AskedTime[] {
  const found: AskedTime[] = [];
  for (const language of new Set(languages)) {
    const { forms } = lexiconOf(language);
    const digits = inDigits(text, language);
    for (const { pattern, resolve } of forms) {
      for (const match of digits.text.matchAll(pattern)) {
        const named = resolve(match.groups ?? {}, nowMs);
        if (named === null || !Number.isFinite(named.startMs)) continue;
        const to = digits.at(match.index + match[0].length);
        found.push({ yearless: false, ...named, from: digits.at(match.index), to });
      }
    }
    if (language === 'english') found.push(...englishTimes(text, nowMs));
  }
  return joined(withoutOverlaps(found), text, nowMs, [...languages]).slice(0, timesMax);
}

/** A question about a time without that time and without the words of asking. */
export function withoutAsking(text: string, language: Language): string {
  const { asking } = timeWords[language];
  if (asking === undefined) return text;
  const pattern = unspacedLanguages.has(language)
    ? new RegExp(asking, 'giu')
    : new RegExp(`(?<![\\p{L}\\p{M}])(?:${asking})(?![\\p{L}\\p{M}])`, 'giu');
  return text.replace(pattern, ' ');
}

function englishTimes(text: string, nowMs: number): AskedTime[] {
  const found: AskedTime[] = [];
  let at = 0;
  while (found.length < timesMax) {
    const when = findWhen(text.slice(at), nowMs, 'past');
    if (when === null) break;
    const since = when.preposition === 'since' || when.preposition === 'after';
    const endMs = since ? Math.max(nowMs, when.endMs) : when.endMs;
    found.push({
      from: at + when.from,
      to: at + when.to,
      startMs: when.startMs,
      endMs,
      yearless: when.yearless,
    });
    at += when.to;
  }
  return found;
}

/** Among overlapping times, keeps the longest. */
function withoutOverlaps(times: readonly AskedTime[]): AskedTime[] {
  const kept: AskedTime[] = [];
  const byLength = [...times].sort((a, b) => b.to - b.from - (a.to - a.from));
  for (const time of byLength) {
    if (kept.every((other) => time.to <= other.from || time.from >= other.to)) kept.push(time);
  }
  return kept.sort((a, b) => a.from - b.from);
}

/** Joins the two ends of a range, and turns a beginning ("since …") into a range up to now. */
function joined(
  times: readonly AskedTime[],
  text: string,
  nowMs: number,
  languages: Language[],
): AskedTime[] {
  const result: AskedTime[] = [];
  for (const time of times) {
    const before = result.at(-1);
    const between = before === undefined ? '' : text.slice(before.to, time.from);
    if (before !== undefined && languages.some((language) => lexiconOf(language).to.test(between))) {
      const startMs = Math.min(before.startMs, time.startMs);
      const endMs = Math.max(before.endMs, time.endMs);
      result[result.length - 1] = { ...before, to: time.to, startMs, endMs };
      continue;
    }
    const lead = text.slice(0, time.from);
    const since = languages.some((language) => lexiconOf(language).since.test(lead));
    result.push(since ? { ...time, endMs: Math.max(nowMs, time.endMs) } : time);
  }
  return result;
}

interface Lexicon {
  readonly forms: readonly Form[];
  readonly numbers: readonly RegExp[];
  readonly to: RegExp;
  readonly since: RegExp;
}

const unspacedLanguages: ReadonlySet<Language> = new Set(['chinese', 'japanese', 'thai']);
const lexicons = new Map<Language, Lexicon>();
const never = /(?!)/u;
const few = 4;

function lexiconOf(language: Language): Lexicon {
  let lexicon = lexicons.get(language);
  if (lexicon === undefined) {
    const entry = timeWords[language];
    const spaced = !unspacedLanguages.has(language);
    const bounded = (source: string) =>
      new RegExp(spaced ? `(?<![\\p{L}\\p{M}])(?:${source})(?![\\p{L}\\p{M}])` : source, 'giu');
    lexicon = {
      forms: formsOf(entry, language, bounded),
      numbers: (entry.numbers ?? []).map((source) =>
        // 一 means one in 一天 but Monday in 星期一.
        bounded(/\p{Script=Han}/u.test(source) ? `(?:${source})(?=[个個天日周週月年ヶか])` : source),
      ),
      to: entry.to === undefined ? never : new RegExp(`^\\s*(?:${entry.to}|[-–—])\\s*(?:the\\s)?$`, 'iu'),
      since:
        entry.since === undefined
          ? never
          : new RegExp(`${spaced ? '(?<![\\p{L}\\p{M}])' : ''}(?:${entry.since})\\s*(?:the\\s)?$`, 'iu'),
    };
    lexicons.set(language, lexicon);
  }
  return lexicon;
}

/** A text with number words replaced by digits, and the original position of each character. */
function inDigits(text: string, language: Language): { text: string; at: (index: number) => number } {
  const { numbers } = lexiconOf(language);
  const hits: { from: number; to: number; digits: string }[] = [];
  numbers.forEach((pattern, i) => {
    for (const match of text.matchAll(pattern)) {
      const digits = String(i < 10 ? i + 1 : few);
      hits.push({ from: match.index, to: match.index + match[0].length, digits });
    }
  });
  hits.sort((a, b) => a.from - b.from);
  let changed = '';
  let done = 0;
  const moves: { readonly at: number; readonly by: number }[] = [];
  for (const { from, to, digits } of hits) {
    if (from < done) continue;
    changed += text.slice(done, from) + digits;
    done = to;
    moves.push({ at: changed.length, by: to - changed.length });
  }
  changed += text.slice(done);
  return {
    text: changed,
    at: (index) => index + (moves.findLast((move) => move.at <= index)?.by ?? 0),
  };
}

function formsOf(entry: TimeWords, language: Language, bounded: (source: string) => RegExp): Form[] {
  const locale = `${entry.locale}-u-nu-latn-ca-gregory`;
  const forms: Form[] = [];
  const form = (source: string, resolve: Form['resolve']) =>
    forms.push({ pattern: bounded(source), resolve });
  const always = new Intl.RelativeTimeFormat(locale, { numeric: 'always' });
  const auto = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const english = language === 'english';
  const weekdayNames = weekdaysOf(locale);
  const weekday = alternatives(weekdayNames.map(({ name }) => name));
  const weekdayOf = (name: string | undefined) =>
    weekdayNames.find((known) => known.name === name?.toLowerCase())?.day ?? 0;
  for (const unit of units) {
    for (const offset of unit === 'day' ? [-3, -2, -1, 0] : [-2, -1, 0]) {
      const phrase = auto.format(offset, unit).toLowerCase();
      if (/\d/.test(phrase) || english) continue;
      form(spacedOut(phrase), (_, now) => spanOf(unit, offset, now));
      // "上周一", "先週の月曜日": a weekday of the week named.
      if (unit === 'week') {
        form(`${spacedOut(phrase)}(?:の|,|\\s)?\\s*(?<w>${weekday})`, (groups, now) =>
          weekdayIn(weekdayOf(groups.w), spanOf('week', offset, now)),
        );
      }
    }
    const ago = new Set([2, 3, 5, 8, 11, 21].map((n) => always.format(-n, unit).replace(String(n), '#')));
    ago.add(always.format(-1, unit).replace('1', '#'));
    for (const phrase of ago) {
      if (!phrase.includes('#')) continue;
      // "Неделю назад": in languages with spaces, the number may be missing.
      const n = unspacedLanguages.has(language) ? '(?<n>\\d{1,3})' : '(?:(?<n>\\d{1,3})\\s*)?';
      form(spacedOut(phrase.toLowerCase()).replace(/#(?:\\s[+*])?/, n), (groups, now) =>
        spanOf(unit, -Number(groups.n ?? 1), now),
      );
    }
    if (entry.last !== undefined) {
      const name = unitName(locale, unit);
      const range = ({ n }: Groups, now: number): Named => ({
        startMs: spanOf(unit, -Number(n), now)?.startMs ?? now,
        endMs: now,
      });
      const last = `(?:${entry.last})`;
      for (const source of [
        `${last}\\s*(?<n>\\d{1,3})\\s*(?:${name})`,
        `(?<n>\\d{1,3})\\s*${last}\\s*(?:${name})`,
        `(?<n>\\d{1,3})\\s*(?:${name})\\s*${last}`,
      ]) {
        form(source, range);
      }
    }
  }
  for (const [source, unit, offset] of entry.also ?? []) {
    form(source, (_, now) => spanOf(unit, offset, now));
    if (unit === 'week') {
      form(`(?:${source})(?:の)?(?<w>${weekday}|[一二三四五六日天])`, ({ w }, now) =>
        weekdayIn(
          w !== undefined && w.length === 1 ? '日一二三四五六'.indexOf(w.replace('天', '日')) : weekdayOf(w),
          spanOf('week', offset, now),
        ),
      );
    }
  }
  if (entry.recently !== undefined) {
    form(entry.recently, (_, now) => ({ startMs: startOfDay(now) - recentDays * dayMs, endMs: now }));
  }
  // A weekday means the latest one before today. In English, another word must show that a date is meant.
  form(
    english
      ? `(?<=(?:on|since|last|past|this)\\s)(?<w>${weekday})`
      : `(?:${weekday})`.replace('(?:', '(?<w>'),
    ({ w }, now) => {
      const back = (new Date(now).getUTCDay() - weekdayOf(w) + 7) % 7 || 7;
      return day(startOfDay(now) - back * dayMs);
    },
  );
  if (english) {
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
  } else {
    monthForms(entry, locale, form);
  }
  return forms;
}

function monthForms(
  entry: TimeWords,
  locale: string,
  form: (source: string, resolve: Form['resolve']) => void,
): void {
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

/** Day 0 is Sunday. */
function weekdaysOf(locale: string): { name: string; day: number }[] {
  const sunday = Date.UTC(2023, 0, 1);
  return ['long' as const, ...(locale.startsWith('zh') ? (['short'] as const) : [])].flatMap((style) => {
    const format = new Intl.DateTimeFormat(locale, { weekday: style, timeZone: 'UTC' });
    return Array.from({ length: 7 }, (_, i) => ({
      name: format.format(sunday + i * dayMs).toLowerCase(),
      day: i,
    }));
  });
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
