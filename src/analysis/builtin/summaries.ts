import { bagOf, type Rarity, similarity } from './continuity.js';
import { clipped, sentencesOf } from './plain-text.js';
import { type PageReading, type SummarySentence, termsIn, weightOf } from './reading.js';

const chainSummaryCharactersMax = 400;
const topicSummaryCharactersMax = 600;
const segmentSummaryCharactersMax = 900;
const youthShare = 0.3;

/** The sentence of a page that tells most of it, the user's before the assistant's; '' for an empty page. */
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
 * The running summary of a chain with one more page: how the chain began, the newest page, and of those between
 * the latest that find room.
 */
export function chainSummary(before: string, addition: string): string {
  const earlier = sentencesOf(before).filter((sentence) => normal(sentence) !== normal(addition));
  return fitted(earlier, [addition], chainSummaryCharactersMax, (sentences) => [
    ...sentences.slice(0, 1),
    ...sentences.slice(1).reverse(),
  ]);
}

/** What a topic's pages say, one sentence a page, in their order. */
export function topicSummary(readings: readonly PageReading[], rarity: Rarity): string {
  const sentences = distinct(readings.map((reading) => keySentence(reading, rarity)));
  const telling = sentences.filter(tellsSomething);
  return fitted([], telling.length === 0 ? sentences : telling, topicSummaryCharactersMax, (all) => all);
}

/**
 * A segment's summary with a topic joined: the topic's first sentences always, then of the old ones those that
 * still speak of what the segment is about.
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
  // Of equally telling sentences the younger stays, so that a segment does not keep its first ones for ever.
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
 * As many sentences as fit: the new ones first (up to two thirds of the room where there are old ones), then the
 * old ones by preference; in the order they were said.
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

/** So that the sentences can be told apart again. */
function ended(sentence: string): string {
  return /[.!?。！？؟…।"”')\]]$/u.test(sentence) ? sentence : `${sentence}.`;
}

const tellingWeightMin = 1.5;

/** More than a greeting or "That sounds great!". */
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
