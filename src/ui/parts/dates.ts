/** `12 March 2026`, as the browser's language writes it. */
export function dayOf(instant: string): string {
  return new Date(instant).toLocaleDateString(undefined, { day: 'numeric', month: 'long', year: 'numeric' });
}

/** Day and time, in the browser's zone. */
export function timeOf(instant: string): string {
  return new Date(instant).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}
