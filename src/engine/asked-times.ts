import { timesAsked } from '../lib/time/times-asked.js';
import { instantOf, wallTimeOf } from '../lib/time/zone.js';
import { MemoryError } from '../model/errors.js';
import type { RetrieveInput } from './memory-engine.js';
import { instantFrom } from './page-input.js';

const dayMs = 86_400_000;
const dayPattern = /^\d{4}-\d{2}-\d{2}$/;

export interface AskedTimes {
  readonly sinceMs: number | undefined;
  readonly untilMs: number | undefined;
}

/**
 * The time limits of a retrieval: an instant, a day in the user's zone (its beginning for `since`, its end
 * for `until`), or an English time such as "last Monday". Throws INPUT_INVALID.
 */
export function askedTimes({ since, until }: RetrieveInput, nowMs: number, zone: string): AskedTimes {
  const sinceMs = since === undefined ? undefined : limitFrom(since, 'since', nowMs, zone);
  const untilMs = until === undefined ? undefined : limitFrom(until, 'until', nowMs, zone);
  if (sinceMs !== undefined && untilMs !== undefined && sinceMs > untilMs) {
    throw new MemoryError(
      'INPUT_INVALID',
      `since (${new Date(sinceMs).toISOString()}) is after until (${new Date(untilMs).toISOString()}). Swap them, or omit one.`,
    );
  }
  return { sinceMs, untilMs };
}

function limitFrom(text: string, name: 'since' | 'until', nowMs: number, zone: string): number {
  const written = text.trim();
  if (dayPattern.test(written)) {
    const wallMs = instantFrom(written, name);
    return instantOf(name === 'since' ? wallMs : wallMs + dayMs - 1, zone);
  }
  const [time] = timesAsked(written, wallTimeOf(nowMs, zone), ['english']);
  if (time === undefined || /^\d{4}-/.test(written)) return instantFrom(written, name);
  return instantOf(name === 'since' ? time.startMs : time.endMs, zone);
}
