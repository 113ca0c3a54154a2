/**
 * Stored text for a model to read: every line begins with "> ", so that nothing in it can pass for a heading,
 * an end mark or an instruction of this server.
 */
export function quote(text: string): string {
  return text
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map((line) => `> ${line}`)
    .join('\n');
}

/** As {@link quote}, on one line. */
export function inline(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** `2026-03-04 17:05` of an instant, in UTC. */
export function shortTime(instant: string): string {
  return instant.slice(0, 16).replace('T', ' ');
}
