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

const shownCharactersMax = 8_000;

/**
 * As {@link quote}, of a text longer than 8,000 characters its first three quarters of that and its end: a pasted file
 * would leave a model no room for anything else. What is left out is said.
 */
export function quoteExcerpt(text: string): string {
  if (text.length <= shownCharactersMax) return quote(text);
  const head = shownCharactersMax * 0.75;
  const [start, end] = [text.slice(0, head), text.slice(head - shownCharactersMax)];
  const left = text.length - shownCharactersMax;
  return [
    quote(start.toWellFormed()),
    `[${left} characters are left out here; the structured result has all of them]`,
    quote(end.toWellFormed()),
  ].join('\n');
}

/** As {@link quote}, on one line. */
export function inline(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** `2026-03-04 17:05` of an instant, in UTC. */
export function shortTime(instant: string): string {
  return instant.slice(0, 16).replace('T', ' ');
}
