import type { Page } from '../../model/page.js';

const datePattern = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:[T ]\d{2}:\d{2}.*)?$/;
const yearsMax = 120;

/** The event's day at midnight UTC; the page's own time when no real date within a lifetime is given. */
export function eventTime(time: string | null, page: Pick<Page, 'timestamp'>): string {
  const match = datePattern.exec(time?.trim() ?? '');
  if (match === null) return page.timestamp;
  const [, year, month = '01', day = '01'] = match;
  const at = new Date(`${year}-${month}-${day}T00:00:00.000Z`);
  const real = Number.isFinite(at.getTime()) && at.getUTCDate() === Number(day);
  const years = Math.abs(at.getUTCFullYear() - new Date(page.timestamp).getUTCFullYear());
  return real && years <= yearsMax ? at.toISOString() : page.timestamp;
}
