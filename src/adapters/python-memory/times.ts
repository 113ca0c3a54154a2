import { instantOf, isTimeZone } from '../../lib/time/zone.js';
import { MemoryError } from '../../model/errors.js';

/** Parses a time as Python wrote it, to milliseconds since 1970; null when it is not a time. */
export type PythonTimes = (text: unknown) => number | null;

const pattern =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i;

/**
 * Makes a parser. Times without a zone are in `zone`, because the Python server writes local times: `UTC`, an
 * offset such as `+02:00`, or a name such as `Europe/Berlin`. Throws INPUT_INVALID for an unknown zone.
 */
export function pythonTimes(zone: string): PythonTimes {
  const toUtc = zoneFrom(zone);
  return (text) => {
    const match = typeof text === 'string' ? pattern.exec(text.trim()) : null;
    if (match === null) return null;
    const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match
      .slice(1, 7)
      .map((part) => Number(part ?? 0));
    const local = Date.UTC(year, month - 1, day, hour, minute, second);
    const back = new Date(local);
    const real = back.getUTCDate() === day && back.getUTCHours() === hour && minute < 60 && second < 60;
    if (Number.isNaN(local) || !real) return null;
    const ms = local + Number((match[7] ?? '').padEnd(3, '0').slice(0, 3));
    const written = match[8];
    return written === undefined ? toUtc(ms) : ms - offsetMs(written);
  };
}

function zoneFrom(zone: string): (localMs: number) => number {
  if (/^(utc|z)$/i.test(zone)) return (ms) => ms;
  if (/^[+-]\d{2}:?\d{2}$/.test(zone)) return (ms) => ms - offsetMs(zone);
  if (!isTimeZone(zone)) {
    throw new MemoryError(
      'INPUT_INVALID',
      `${JSON.stringify(zone)} is not a time zone. Use an offset such as "+02:00" or a name such as "Europe/Berlin".`,
    );
  }
  return (localMs) => instantOf(localMs, zone);
}

function offsetMs(offset: string): number {
  if (/^z$/i.test(offset)) return 0;
  const digits = offset.replace(/\D/g, '');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2, 4));
  return (offset.startsWith('-') ? -minutes : minutes) * 60_000;
}
