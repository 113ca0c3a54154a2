import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import type { HistoryReport } from './history.js';
import { plainTextOf } from './html.js';

/** An entry of `MyActivity.html` of Google Takeout, as read. */
export interface HtmlActivity {
  readonly title: string;
  /** Null when the time has an unknown format. */
  readonly timestamp: string | null;
  /** '' when there is none. */
  readonly answer: string;
}

const entryStart = '<div class="outer-cell';
const cellStart = '<div class="content-cell';
/** A longer text is not an entry. */
const entryCharactersMax = 32 * 1024 * 1024;

/**
 * Yields the entries of the page, newest first, one at a time, because the file may be larger than the
 * memory.
 */
export async function* activitiesOf(file: string, report: HistoryReport): AsyncGenerator<HtmlActivity> {
  const { size } = await stat(file);
  const decoder = new StringDecoder('utf8');
  let read = 0;
  let rest = '';
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) {
    const bytes: Buffer = chunk;
    read += bytes.length;
    rest += decoder.write(bytes);
    const entries = rest.split(entryStart);
    rest = entries.pop() ?? '';
    if (rest.length > entryCharactersMax) {
      report.leaveOut('the file is damaged here', `${file}, byte ${read}`);
      rest = '';
    }
    for (const entry of entries) yield* activityOf(entry);
    report.progress(size === 0 ? 1 : read / size);
  }
  yield* activityOf(rest + decoder.end());
}

/** Prompt, time and answer are in one cell, separated by line breaks. */
function* activityOf(entry: string): Generator<HtmlActivity> {
  const cell = entry.split(cellStart)[1];
  if (cell === undefined) return;
  const lines = cell.slice(cell.indexOf('>') + 1).split(/<br\s*\/?>/i);
  const isTime = (line: string) => /\d:\d\d:\d\d/.test(line) && plainTextOf(line).length < 60;
  const at = lines.findIndex((line, i) => i > 0 && isTime(line));
  if (at === -1) return;
  yield {
    title: lines.slice(0, at).map(plainTextOf).join('\n'),
    timestamp: timeOf(plainTextOf(lines[at] ?? '')),
    answer: plainTextOf(lines.slice(at + 1).join('<br>')),
  };
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Hours east of Greenwich. Ambiguous names (IST) are missing on purpose. */
const zones: Readonly<Record<string, number>> = {
  UTC: 0,
  GMT: 0,
  WET: 0,
  BST: 1,
  WEST: 1,
  CET: 1,
  MEZ: 1,
  CEST: 2,
  MESZ: 2,
  EET: 2,
  EEST: 3,
  MSK: 3,
  SGT: 8,
  JST: 9,
  KST: 9,
  AEST: 10,
  AEDT: 11,
  NZST: 12,
  NZDT: 13,
  EST: -5,
  EDT: -4,
  CST: -6,
  CDT: -5,
  MST: -7,
  MDT: -6,
  PST: -8,
  PDT: -7,
};

/**
 * Parses times as Google writes them in several languages: "Jun 11, 2025, 8:20:00 PM CEST", "11 Jun 2025,
 * 20:20:00 BST", "11.06.2025, 20:20:00 MESZ". Null for any other format.
 */
export function timeOf(text: string): string | null {
  const found =
    /^(?<day>.+?),?\s+(?<hour>\d{1,2}):(?<minute>\d\d):(?<second>\d\d)\s*(?<half>[AP]M)?\s+(?<zone>[A-Z]{3,4})?(?<shift>[+-]\d{1,2}(?::\d\d)?)?$/i.exec(
      text.trim(),
    )?.groups;
  const day = found?.day === undefined ? null : dayOf(found.day);
  if (found === undefined || day === null) return null;
  const offset = offsetOf(found.zone, found.shift);
  if (offset === null) return null;
  const half = found.half?.toUpperCase();
  const hour = (Number(found.hour) % (half === undefined ? 24 : 12)) + (half === 'PM' ? 12 : 0);
  const ms =
    Date.UTC(day.year, day.month, day.day, hour, Number(found.minute), Number(found.second)) -
    offset * 3_600_000;
  return Number.isFinite(ms) ? new Date(ms).toISOString() : null;
}

function dayOf(text: string): { year: number; month: number; day: number } | null {
  const american = /^(\p{L}{3})\p{L}*\.? (\d{1,2}), (\d{4})$/u.exec(text);
  if (american !== null) return named(american[3], american[1], american[2]);
  const british = /^(\d{1,2}) (\p{L}{3})\p{L}*\.? (\d{4})$/u.exec(text);
  if (british !== null) return named(british[3], british[2], british[1]);
  const german = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(text);
  if (german !== null)
    return { year: Number(german[3]), month: Number(german[2]) - 1, day: Number(german[1]) };
  const asian = /^(\d{4})[/-](\d{1,2})[/-](\d{1,2})$/.exec(text);
  if (asian !== null) return { year: Number(asian[1]), month: Number(asian[2]) - 1, day: Number(asian[3]) };
  return null;
}

function named(year: string | undefined, month: string | undefined, day: string | undefined) {
  const number = months.indexOf((month ?? '').toLowerCase());
  return number === -1 ? null : { year: Number(year), month: number, day: Number(day) };
}

/** In hours; null when unknown. */
function offsetOf(zone: string | undefined, shift: string | undefined): number | null {
  const base = zone === undefined ? 0 : zones[zone.toUpperCase()];
  if (base === undefined || (zone === undefined && shift === undefined)) return null;
  const [, sign, hours, minutes = '0'] = /^([+-])(\d{1,2})(?::(\d\d))?$/.exec(shift ?? '') ?? [];
  if (hours === undefined) return base;
  return base + (sign === '-' ? -1 : 1) * (Number(hours) + Number(minutes) / 60);
}
