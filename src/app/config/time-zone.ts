import type { Config } from './config.js';

/** The zone whose days the user means. */
export function zoneOf(config: Config): string {
  return config.time_zone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
