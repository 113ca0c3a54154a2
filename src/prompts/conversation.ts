import { dayOfPage, type Page } from '../model/page.js';

/** How much of each side of a page a model is shown; of longer ones beginning and end. */
export const sideCharactersMax = 4_000;

const tags = 'conversation|segment|facts|profile|memory|think|thinking|long_term|recent';
const tag = new RegExp(`<(?=/?\\s*(?:${tags})\\b)`, 'gi');
const control = /\p{Cc}+/gu;

/**
 * Text of users as data in a prompt: it cannot close the section it stands in, nor begin a line of its own,
 * so it cannot pass for a page or an instruction of ours. White space is folded, half surrogates are replaced.
 */
export function asData(text: string, charactersMax = sideCharactersMax): string {
  const safe = text.toWellFormed().replace(/\s+/g, ' ').replace(control, ' ').replace(tag, '‹').trim();
  return excerpt(safe, charactersMax);
}

/** The text, or its first three quarters and its end. */
function excerpt(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  const head = Math.floor(charactersMax * 0.75);
  return `${text.slice(0, head).toWellFormed()} […] ${text.slice(head - charactersMax).toWellFormed()}`;
}

/**
 * Pages as a line a side, the first one with the name, P1, P2, …; a line with the day where it is not that of the
 * page before.
 */
export function showPages(
  pages: readonly Page[],
  previous: Page | null,
  charactersMax = sideCharactersMax,
): string[] {
  return pages.flatMap((page, index) => {
    const before = pages[index - 1] ?? previous;
    const head = before !== null && dayOfPage(before) === dayOfPage(page) ? [] : [showDay(page)];
    return [...head, named(`P${index + 1}`, showSides(page, charactersMax))];
  });
}

/** `P1 U: …`: the name stands before the first line. */
export function named(name: string, lines: readonly string[]): string {
  return `${name} ${lines.join('\n')}`;
}

/** `2026-03-01`, the speaker's day: the lines after it are of that day. */
export function showDay(page: Page): string {
  return dayOfPage(page);
}

/** What the user (U) and the assistant (A) said; an empty side is left out. */
export function showSides(
  page: Pick<Page, 'user_input' | 'agent_response'>,
  charactersMax = sideCharactersMax,
): string[] {
  const sides = [
    ['U', page.user_input],
    ['A', page.agent_response],
  ] as const;
  return sides.flatMap(([who, text]) =>
    text.trim() === '' ? [] : [`${who}: ${asData(text, charactersMax)}`],
  );
}

/** `2026-03-01 09:30`, UTC. */
export function minuteOf(instant: string): string {
  return instant.slice(0, 16).replace('T', ' ');
}
