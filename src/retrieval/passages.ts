import { fitsTokens, tokensOfText } from '../lib/text/tokens.js';
import { words } from '../lib/text/words.js';

/** Marks omitted text. */
export const omission = '[…]';
const omissionTokens = 3;
/** Length of the part of a text that is searched for passages. */
const charactersRead = 400_000;

/** The two sides of an exchange, as they are shown. */
export interface Sides {
  readonly user_input: string;
  readonly agent_response: string;
}

interface Passage {
  readonly side: 0 | 1;
  readonly from: number;
  readonly to: number;
  readonly tokens: number;
  readonly worth: number;
}

/**
 * The passages of an exchange that answer a question, in about `tokensMax` tokens.
 * - If the exchange fits, it is returned unchanged.
 * - Otherwise, passages with words of the question are returned. Those with rare words are chosen first. They
 *   stay in their original order, with "[…]" for omitted text.
 * - If no passage has a word of the question, the beginning is returned.
 * The text is read once for any number of lengths.
 */
export function passagesOf(sides: Sides, about: ReadonlyMap<string, number>): (tokensMax: number) => Sides {
  const texts = [sides.user_input, sides.agent_response] as const;
  let passages: readonly Passage[] | null = null;
  return (tokensMax) => {
    if (texts[0].length + texts[1].length <= tokensMax || fitsTokens(texts.join('\n'), tokensMax))
      return sides;
    passages ??= texts.flatMap((text, side) => passagesIn(text, side === 0 ? 0 : 1, about));
    return chosenOf(texts, passages, about, tokensMax);
  };
}

function chosenOf(
  texts: readonly [string, string],
  passages: readonly Passage[],
  about: ReadonlyMap<string, number>,
  tokensMax: number,
): Sides {
  const chosen = new Set<Passage>();
  let left = tokensMax - 2 * omissionTokens;
  for (const passage of [...passages].sort(
    (a, b) => b.worth - a.worth || a.side - b.side || a.from - b.from,
  )) {
    if (left <= 0) break;
    if (passage.tokens > left && chosen.size > 0) continue;
    chosen.add(passage);
    left -= passage.tokens + omissionTokens;
  }
  const shown = (side: 0 | 1) =>
    assembled(
      texts[side],
      passages.filter((passage) => passage.side === side && chosen.has(passage)),
      about,
      tokensMax,
    );
  return { user_input: shown(0), agent_response: shown(1) };
}

/** The beginning of a text in about this many tokens, cut between words. */
export function beginningOf(text: string, tokensMax: number): string {
  if (fitsTokens(text, tokensMax)) return text;
  return `${cutTo(text, tokensMax - omissionTokens)} ${omission}`;
}

function passagesIn(text: string, side: 0 | 1, about: ReadonlyMap<string, number>): Passage[] {
  const passages: Passage[] = [];
  for (const match of text.slice(0, charactersRead).matchAll(sentence)) {
    const passage = match[0];
    if (passage.trim() === '') continue;
    let worth = 0;
    for (const term of new Set(words(passage))) worth += about.get(term) ?? 0;
    const from = match.index;
    passages.push({ side, from, to: from + passage.length, tokens: tokensOfText(passage), worth });
  }
  return passages;
}

/** A line, or a sentence in it. */
const sentence =
  /[^\n.!?。！？]*(?:[.!?](?![\s"'”’)\]])[^\n.!?。！？]*)*(?:[.!?。！？]+["'”’)\]]*[ \t]*|\n+|$)/gu;

function assembled(
  text: string,
  passages: readonly Passage[],
  about: ReadonlyMap<string, number>,
  tokensMax: number,
): string {
  if (text === '') return '';
  let shown = '';
  let done = 0;
  for (const { from, to, tokens } of passages) {
    if (from > done)
      shown += shown === '' ? `${omission} ` : `${shown.endsWith('\n') ? '' : ' '}${omission} `;
    const passage = text.slice(from, to);
    shown += tokens > tokensMax ? around(passage, about, tokensMax) : passage;
    done = to;
  }
  if (done < text.length && text.slice(done).trim() !== '') shown = `${shown.trimEnd()} ${omission}`;
  return shown.trim();
}

/** The part of a passage around its first word of the question, for a passage that is too long. */
function around(passage: string, about: ReadonlyMap<string, number>, tokensMax: number): string {
  let at = 0;
  for (const match of passage.matchAll(/\S+/gu)) {
    if (words(match[0]).some((term) => about.has(term))) {
      at = match.index;
      break;
    }
  }
  const start = at < tokensMax * 2 ? 0 : at - tokensMax;
  const cut = cutTo(passage.slice(start), tokensMax - 2 * omissionTokens);
  return `${start === 0 ? '' : `${omission} `}${cut}`.toWellFormed();
}

function cutTo(text: string, tokensMax: number): string {
  let low = 0;
  let high = Math.min(text.length, Math.max(1, tokensMax) * 8);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (tokensOfText(text.slice(0, middle)) <= tokensMax) low = middle;
    else high = middle - 1;
  }
  const cut = text.slice(0, low);
  const space = cut.search(/\s\S*$/u);
  return (space > low / 2 ? cut.slice(0, space) : cut).toWellFormed().trimEnd();
}
