import { latinLanguageOf, stopWordsOf } from '../lib/text/language.js';
import { termsOfTokens, tokensOf } from '../lib/text/words.js';
import type { Page } from '../model/page.js';

/** Maximum number of words of a question that are searched. */
const wordsMax = 48;
/** Length of a page that is searched. */
const charactersRead = 20_000;
/** Endings are removed from words of at least this length. */
const endingLettersMin = 6;
const endingLetters = 3;
/** The neighbours of this many best pages are added, because they show the subject. */
const withNeighbours = 40;

/**
 * A sample of pages, in chronological order: those that share beginnings of words with the question, rare
 * words first, and as many others taken evenly from the whole, which show how rare a word is. Far cheaper
 * than an index of all pages. A page that shares no word is included only by chance.
 */
export function likelyPages(pages: readonly Page[], question: string, pagesMax: number): Page[] {
  if (pages.length <= pagesMax) return [...pages];
  const needles = needlesOf(question);
  const found = new Uint32Array(needles.length);
  const hits = pages.map((page) => {
    const text =
      `${page.user_input.slice(0, charactersRead)}\n${page.agent_response.slice(0, charactersRead)}`.toLowerCase();
    const hit: number[] = [];
    needles.forEach((beginnings, i) => {
      if (!beginnings.some((beginning) => text.includes(beginning))) return;
      hit.push(i);
      found[i] = (found[i] ?? 0) + 1;
    });
    return hit;
  });
  const worths = Array.from(found, (count) => Math.log(1 + pages.length / (1 + count)));
  const ranked = hits
    .map((hit, row) => ({ row, worth: hit.reduce((sum, i) => sum + (worths[i] ?? 0), 0) }))
    .filter(({ worth }) => worth > 0)
    .sort((a, b) => b.worth - a.worth || b.row - a.row)
    .slice(0, Math.floor(pagesMax / 2));
  const chosen = new Set(ranked.map(({ row }) => row));
  for (const { row } of ranked.slice(0, withNeighbours)) chosen.add(row - 1).add(row + 1);
  const step = pages.length / (pagesMax / 2);
  for (let at = 0; at < pages.length; at += step) chosen.add(Math.floor(at));
  return pages.filter((_, row) => chosen.has(row));
}

/** For each informative word: the ways texts may write its beginning. */
function needlesOf(question: string): string[][] {
  const tokens = [...new Set(tokensOf(question))];
  const language = latinLanguageOf(tokens);
  const stopWords = stopWordsOf(language);
  return tokens
    .filter((token) => !stopWords.has(token))
    .slice(0, wordsMax)
    .map((token) => {
      const beginning = token.length < endingLettersMin ? token : token.slice(0, -endingLetters);
      return [...new Set([beginning, ...termsOfTokens([token], language)])];
    });
}
