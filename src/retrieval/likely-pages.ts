import { latinLanguageOf, stopWordsOf } from '../lib/text/language.js';
import { termsOfTokens, tokensOf } from '../lib/text/words.js';
import type { Page } from '../model/page.js';

/** Words of a question that are looked for. */
const wordsMax = 48;
/** Of a long page so much is looked through. */
const charactersRead = 20_000;
/** An ending is left off from this length on. */
const endingLettersMin = 6;
const endingLetters = 3;
/** So many of the best bring the pages beside them along, which say what they are about. */
const withNeighbours = 40;

/**
 * Of the pages, in the order they were said, those that share beginnings of words with a question, rare ones first,
 * and as many others evenly from the whole, by which it is seen how rare a word is. Far cheaper than an index of all
 * pages; a page that fits by none of its words is found by chance only.
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

/** Of each word that tells something: how texts may write its beginning. */
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
