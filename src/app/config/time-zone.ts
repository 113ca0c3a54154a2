import type { Config } from './config.js';

/** The time zone of the user's days. */
export function zoneOf(config: Config): string {
  return config.time_zone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
