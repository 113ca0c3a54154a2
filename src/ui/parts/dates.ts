/** `12 March 2026`, in the format of the browser's language. */
export function dayOf(instant: string): string {
  return new Date(instant).toLocaleDateString(undefined, { day: 'numeric', month: 'long', year: 'numeric' });
}

/** Day and time, in the browser's time zone. */
export function timeOf(instant: string): string {
  return new Date(instant).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}
