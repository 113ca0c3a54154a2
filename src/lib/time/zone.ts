const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
  }
  return format;
}

/** Whether this platform knows the time zone, such as "Europe/Berlin". */
export function isTimeZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

/** The local time in a zone at an instant, in milliseconds as if that clock showed UTC. */
export function wallTimeOf(instantMs: number, zone: string): number {
  if (zone === 'UTC') return instantMs;
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(instantMs)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  const milliseconds = ((instantMs % 1000) + 1000) % 1000;
  return Date.UTC(year, month - 1, day, hour, minute, second) + milliseconds;
}

/**
 * The instant at which the local clock shows this time. When it shows it twice, the first instant; when it
 * skips it, the next one.
 */
export function instantOf(wallMs: number, zone: string): number {
  if (zone === 'UTC') return wallMs;
  const guess = wallMs - (wallTimeOf(wallMs, zone) - wallMs);
  return wallMs - (wallTimeOf(guess, zone) - guess);
}
