import type { Clock } from '../ports/clock.js';

/** The clock of this machine. */
export function createSystemClock(): Clock {
  return { now: () => Date.now() };
}
