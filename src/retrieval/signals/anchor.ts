import { findWhen } from '../../lib/time/when.js';
import type { Span } from './dates.js';

/** A time given by its distance from an event: "two weeks before her birthday". English only. */
export interface Anchor {
  /** The words for the event. */
  readonly event: string;
  readonly offsetMs: number;
  /** Tolerance of the distance. */
  readonly slackMs: number;
}

const dayMs = 86_400_000;
const unitMs: Readonly<Record<string, number>> = {
  day: dayMs,
  week: 7 * dayMs,
  month: 30 * dayMs,
  year: 365 * dayMs,
};
const amounts = 'a an one two three four five six seven eight nine ten eleven twelve'.split(' ');
const pattern =
  /\b(?:(the|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|a few|a couple of|\d{1,3}) )(day|week|month|year)s? (before|after|prior to|since) ([^?.!;]+)/i;

/** The first such time in a question; null if there is none. */
export function anchorIn(text: string): Anchor | null {
  const match = pattern.exec(text);
  if (match === null) return null;
  const [, amount = '', unit = '', direction = '', event = ''] = match;
  const unitLength = unitMs[unit.toLowerCase()] ?? dayMs;
  const distance = countOf(amount.toLowerCase()) * unitLength;
  const back = /before|prior/i.test(direction);
  return { event, offsetMs: back ? -distance : distance, slackMs: unitLength / 2 };
}

/** The period that an anchor means if its event was at this time. */
export function spanFrom(anchor: Anchor, eventMs: number): Span {
  const at = eventMs + anchor.offsetMs;
  return { startMs: at - anchor.slackMs, endMs: at + anchor.slackMs };
}

/**
 * The period that an anchor means if its event is a date ("two weeks before 11 August 2023"); otherwise null.
 */
export function spanOfDate(anchor: Anchor, nowMs: number): Span | null {
  const when = findWhen(anchor.event, nowMs, 'past');
  return when === null ? null : spanFrom(anchor, when.startMs);
}

function countOf(amount: string): number {
  if (amount === 'the') return 1;
  if (amount === 'a few') return 3;
  if (amount === 'a couple of') return 2;
  const named = amounts.indexOf(amount);
  if (named === -1) return Number(amount);
  return named < 2 ? 1 : named - 1;
}
