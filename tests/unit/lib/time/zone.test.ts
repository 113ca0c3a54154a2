import { expect, test } from 'vitest';
import { instantOf, isTimeZone, wallTimeOf } from '../../../../src/lib/time/zone.js';

test('converts between instants and local time, in winter and in summer', () => {
  for (const [zone, instant, wall] of [
    ['Europe/Berlin', '2026-01-15T23:30:00Z', '2026-01-16T00:30:00Z'],
    ['Europe/Berlin', '2026-07-15T22:30:00Z', '2026-07-16T00:30:00Z'],
    ['America/Los_Angeles', '2026-07-16T05:00:00Z', '2026-07-15T22:00:00Z'],
    ['Asia/Kolkata', '2026-07-15T20:00:00.250Z', '2026-07-16T01:30:00.250Z'],
    ['UTC', '2026-07-15T20:00:00Z', '2026-07-15T20:00:00Z'],
  ] as const) {
    expect(new Date(wallTimeOf(Date.parse(instant), zone)).getTime()).toBe(Date.parse(wall));
    expect(instantOf(Date.parse(wall), zone)).toBe(Date.parse(instant));
  }
});

test('an unknown zone is not a time zone', () => {
  expect(isTimeZone('Europe/Berlin')).toBe(true);
  expect(isTimeZone('Europe/Atlantis')).toBe(false);
});
