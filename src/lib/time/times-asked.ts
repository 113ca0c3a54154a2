import type { Language } from '../text/languages.js';
import { type Form, formsOf, unspacedLanguages } from './time-forms.js';
import { timeWords } from './time-words.js';
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

const timesMax = 4;

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
