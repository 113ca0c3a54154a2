import { latinLanguageOf, stopWordsOf } from '../lib/text/language.js';
import { termsOfTokens, tokensOf } from '../lib/text/words.js';
import type { Page } from '../model/page.js';

/** Maximum number of words of a question that are used. */
const wordsMax = 48;
/** Length of the part of each side of a page that is searched. */
const charactersRead = 20_000;
/** The ending is removed from words of at least this length. */
const endingLettersMin = 6;
const endingLetters = 3;
/** The neighbours of this many best pages are added, because they may have the subject. */
const withNeighbours = 40;

/**
 * A sample of the pages, in chronological order. At most half of it are pages that share beginnings of words
 * with the question; pages with rare words are chosen first. The others are taken at equal distances from all
 * pages, and show how rare a word is. This costs far less than an index of all pages. A page that shares no
 * word with the question is included only by chance, or as a neighbour.
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

/** For each informative word of the question: the beginnings with which a text may write it. */
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
