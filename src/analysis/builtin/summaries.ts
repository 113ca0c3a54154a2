import { bagOf, type Rarity, similarity } from './continuity.js';
import { clipped, sentencesOf } from './plain-text.js';
import { type PageReading, type SummarySentence, termsIn, weightOf } from './reading.js';

const chainSummaryCharactersMax = 400;
const topicSummaryCharactersMax = 600;
const segmentSummaryCharactersMax = 900;
const youthShare = 0.3;

/** The most informative sentence of a page, preferring the user's; '' for an empty page. */
export function keySentence(reading: PageReading, rarity: Rarity): string {
  let best: { text: string; score: number } | undefined;
  for (const sentence of reading.sentences) {
    const score = scoreOf(sentence, reading.weights, rarity) * (sentence.byUser ? 1.6 : 1);
    if (best === undefined || score > best.score) best = { text: sentence.text, score };
  }
  return best?.text ?? clipped(reading.userText || reading.agentText, 120);
}

function scoreOf(sentence: SummarySentence, weights: ReadonlyMap<string, number>, rarity: Rarity): number {
  const sum = [...new Set(sentence.terms)].reduce(
    (total, term) => total + weightOf(term) * rarity(term) * Math.sqrt(weights.get(term) ?? 0),
    0,
  );
  const asks = /[?？؟]\s*$/u.test(sentence.text);
  return (sum / Math.sqrt(4 + sentence.terms.length)) * (asks ? 0.7 : 1);
}

/**
 * Extends the running summary of a chain by one page. It keeps the beginning of the chain and the newest
 * page. Between them, it keeps as many of the latest sentences as fit.
 */
export function chainSummary(before: string, addition: string): string {
  const earlier = sentencesOf(before).filter((sentence) => normal(sentence) !== normal(addition));
  return fitted(earlier, [addition], chainSummaryCharactersMax, (sentences) => [
    ...sentences.slice(0, 1),
    ...sentences.slice(1).reverse(),
  ]);
}

/** A summary of the pages of a topic: one sentence for each page, in order. */
export function topicSummary(readings: readonly PageReading[], rarity: Rarity): string {
  const sentences = distinct(readings.map((reading) => keySentence(reading, rarity)));
  const telling = sentences.filter(tellsSomething);
  return fitted([], telling.length === 0 ? sentences : telling, topicSummaryCharactersMax, (all) => all);
}

/**
 * The summary of a segment after a topic joined: the first sentences of the topic in any case, then the old
 * sentences that still match the subject of the segment.
 */
export function mergedSummary(
  old: string,
  topic: string,
  keywords: readonly string[],
  rarity: Rarity,
): string {
  const added = sentencesOf(topic);
  const known = new Set(added.map(normal));
  const earlier = sentencesOf(old).filter((sentence) => !known.has(normal(sentence)));
  const centre = bagOf([...keywords, topic].join(' '));
  // Among equally relevant sentences, the newer one is kept. Otherwise a segment would keep its first
  // sentences forever.
  const relevance = new Map(
    earlier.map((sentence, i) => [
      sentence,
      similarity(bagOf(sentence), centre, rarity) + youthShare * (i / earlier.length),
    ]),
  );
  return fitted(earlier, added, segmentSummaryCharactersMax, (sentences) =>
    [...sentences].sort((a, b) => (relevance.get(b) ?? 0) - (relevance.get(a) ?? 0)),
  );
}

/**
 * As many sentences as fit, in chronological order. New sentences are chosen first; if there are old ones,
 * the new ones get at most two thirds of the space. Then the old ones are chosen by preference.
 */
function fitted(
  earlier: readonly string[],
  added: readonly string[],
  charactersMax: number,
  byPreference: (sentences: readonly string[]) => readonly string[],
): string {
  const addedRoom = earlier.length === 0 ? charactersMax : (charactersMax * 2) / 3;
  const chosen = new Set<string>();
  let used = 0;
  const choose = (sentence: string, room: number): void => {
    if (used + sentence.length + 1 > room || chosen.has(sentence)) return;
    chosen.add(sentence);
    used += sentence.length + 1;
  };
  for (const sentence of added) choose(sentence, addedRoom);
  for (const sentence of byPreference(earlier)) choose(sentence, charactersMax);
  return [...earlier, ...added]
    .filter((sentence) => chosen.delete(sentence))
    .map(ended)
    .join(' ');
}

/** Adds punctuation at the end of a sentence, so that the sentences of a summary can be separated again. */
function ended(sentence: string): string {
  return /[.!?。！？؟…।"”')\]]$/u.test(sentence) ? sentence : `${sentence}.`;
}

const tellingWeightMin = 1.5;

/** Whether a sentence is more than a greeting or "That sounds great!". */
function tellsSomething(sentence: string): boolean {
  return [...bagOf(sentence).values()].reduce((sum, weight) => sum + weight, 0) >= tellingWeightMin;
}

function distinct(sentences: readonly string[]): string[] {
  const seen = new Set<string>();
  return sentences.filter((sentence) => {
    const key = normal(sentence);
    if (key === '' || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function normal(sentence: string): string {
  return termsIn(sentence).join(' ') || sentence.toLowerCase();
}
