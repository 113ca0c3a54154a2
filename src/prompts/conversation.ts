import * as z from 'zod';
import { dayOfPage, type Page } from '../model/page.js';

/** Maximum length of each side of a page in a prompt. Longer sides are cut to beginning and end. */
export const sideCharactersMax = 4_000;

const tags = 'conversation|segment|facts|profile|memory|think|thinking|long_term|recent';
const tag = new RegExp(`<(?=/?\\s*(?:${tags})\\b)`, 'gi');
const control = /\p{Cc}+/gu;

/**
 * Makes users' text safe as data in a prompt. It cannot close its section or begin a line, so it cannot be
 * mistaken for a page or an instruction. Folds white space and replaces unpaired surrogates.
 */
export function asData(text: string, charactersMax = sideCharactersMax): string {
  const safe = text.toWellFormed().replace(/\s+/g, ' ').replace(control, ' ').replace(tag, '‹').trim();
  return excerpt(safe, charactersMax);
}

/** The text, or its first three quarters and its end when it is too long. */
function excerpt(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  const head = Math.floor(charactersMax * 0.75);
  return `${text.slice(0, head).toWellFormed()} […] ${text.slice(head - charactersMax).toWellFormed()}`;
}

/**
 * Formats pages with one line for each side. The first line of a page has its name (P1, P2, …). A line with
 * the day precedes a page when the day changes.
 */
export function showPages(
  pages: readonly Page[],
  previous: Page | null,
  charactersMax = sideCharactersMax,
): string[] {
  return pages.flatMap((page, index) => {
    const before = pages[index - 1] ?? previous;
    const head = before !== null && dayOfPage(before) === dayOfPage(page) ? [] : [showDay(page)];
    return [...head, named(labelOf(index), showSides(page, charactersMax))];
  });
}

const labelOf = (index: number) => `P${index + 1}`;

/** The label of one of the pages, as {@link showPages} names them. */
export function labelForm(pages: readonly Page[]): z.ZodType {
  return z.enum(pages.map((_, index) => labelOf(index)));
}

/** `P1 U: …`: puts the name before the first line. */
export function named(name: string, lines: readonly string[]): string {
  return `${name} ${lines.join('\n')}`;
}

/** `2026-03-01`, the speaker's day. It applies to the lines that follow. */
export function showDay(page: Page): string {
  return dayOfPage(page);
}

/** What the user (U) and the assistant (A) said, without empty sides. */
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
