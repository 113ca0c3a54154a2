import type { BatchAnalysis, BatchInput } from '../../ports/analyser.js';
import { isOfOneTopic, type Rarity, similarity } from './continuity.js';
import type { PageReading, Phrase } from './reading.js';
import { mergedSummary, topicSummary } from './summaries.js';

type Topic = BatchAnalysis['topics'][number];

const sameTopicMin = 0.3;
const keywordsMax = 10;

/**
 * Groups pages by topic. A page that continues another page joins its group. Groups with the same subject are
 * merged.
 */
export function topicsOf(
  readings: readonly PageReading[],
  continuing: readonly boolean[],
  candidates: BatchInput['candidates'],
  rarity: Rarity,
  before: PageReading | undefined,
): Topic[] {
  const groups: PageReading[][] = [];
  readings.forEach((reading, i) => {
    const last = groups.at(-1);
    const before = last?.at(-1);
    if (last === undefined || before === undefined || continuing[i] !== true) groups.push([reading]);
    else if (isOfOneTopic(before, reading, rarity)) last.push(reading);
    else groups.push([reading]);
  });
  // If the batch continues the page before it, that page is included, so that the topic joins the segment of
  // that page.
  const context = continuing[0] === true ? before : undefined;
  return merged(withTalkAround(groups), rarity).map((group) => {
    const isContinued = context !== undefined && group[0] === readings[0];
    return topicOf(group, isContinued ? [context, ...group] : group, candidates, rarity);
  });
}

/** Adds pages without content ("Good morning!", "Haha, true") to the topics around them. */
function withTalkAround(groups: readonly PageReading[][]): PageReading[][] {
  const kept: PageReading[][] = [];
  let opening: PageReading[] = [];
  for (const group of groups) {
    const last = kept.at(-1);
    if (tells(group)) {
      kept.push([...opening, ...group]);
      opening = [];
    } else if (last !== undefined) last.push(...group);
    else opening.push(...group);
  }
  return opening.length === 0 ? kept : [...kept, opening];
}

const tellingPhrasesMin = 2;

function tells(group: readonly PageReading[]): boolean {
  const told = new Set(
    group
      .flatMap(({ phrases }) => phrases)
      .flatMap(({ text, isKeyword, isTold, weight }) => (isKeyword && isTold && weight >= 0.4 ? [text] : [])),
  );
  return told.size >= tellingPhrasesMin;
}

/** Merges each group with the most similar earlier group, if the two are similar enough. */
function merged(groups: readonly PageReading[][], rarity: Rarity): PageReading[][] {
  const kept: { pages: PageReading[]; weights: Map<string, number> }[] = [];
  for (const pages of groups) {
    const weights = sumOf(pages);
    let best: { index: number; score: number } | undefined;
    kept.forEach((other, index) => {
      const score = similarity(other.weights, weights, rarity);
      if (score >= sameTopicMin && (best === undefined || score > best.score)) best = { index, score };
    });
    const home = best === undefined ? undefined : kept[best.index];
    if (home === undefined) kept.push({ pages: [...pages], weights });
    else {
      home.pages.push(...pages);
      for (const [term, weight] of weights) home.weights.set(term, (home.weights.get(term) ?? 0) + weight);
    }
  }
  return kept.map(({ pages }) => pages);
}

function sumOf(pages: readonly PageReading[]): Map<string, number> {
  const sum = new Map<string, number>();
  for (const { weights } of pages) {
    for (const [term, weight] of weights) sum.set(term, (sum.get(term) ?? 0) + weight);
  }
  return sum;
}

function topicOf(
  pages: readonly PageReading[],
  told: readonly PageReading[],
  candidates: BatchInput['candidates'],
  rarity: Rarity,
): Topic {
  const ranked = rankedPhrases(told, rarity);
  const keywords = keywordsOf(ranked.filter(({ isKeyword }) => isKeyword));
  const content = topicSummary(told, rarity);
  return {
    theme: themeOf(
      ranked.filter(({ isTold }) => isTold),
      content,
    ),
    keywords,
    content,
    page_ids: pages.map(({ page }) => page.id),
    merged: candidates.map((head) => ({
      segment_id: head.id,
      summary: mergedSummary(head.summary, content, head.keywords, rarity),
    })),
  };
}

function rankedPhrases(pages: readonly PageReading[], rarity: Rarity): Phrase[] {
  const byText = new Map<string, { phrase: Phrase; score: number; pages: Set<PageReading> }>();
  for (const reading of pages) {
    for (const phrase of reading.phrases) {
      let entry = byText.get(phrase.text);
      if (entry === undefined) {
        entry = { phrase, score: 0, pages: new Set() };
        byText.set(phrase.text, entry);
      }
      entry.score += phrase.weight * meanRarity(phrase, rarity);
      entry.pages.add(reading);
    }
  }
  return [...byText.values()]
    .map(({ phrase, score, pages: holding }) => ({
      ...phrase,
      weight: Math.sqrt(score) * (1 + 0.5 * (holding.size - 1)) * (phrase.terms.length > 1 ? 1.3 : 1),
    }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
}

function meanRarity(phrase: Phrase, rarity: Rarity): number {
  if (phrase.terms.length === 0) return 0;
  return phrase.terms.reduce((sum, term) => sum + rarity(term), 0) / phrase.terms.length;
}

/** The best phrases that are not part of a better one. */
function keywordsOf(ranked: readonly Phrase[]): string[] {
  const chosen: Phrase[] = [];
  for (const phrase of ranked) {
    if (chosen.length >= keywordsMax) break;
    const covered = chosen.some((other) => phrase.terms.every((term) => other.terms.includes(term)));
    if (!covered) chosen.push(phrase);
  }
  return chosen.map(({ text }) => text);
}

const themeCharactersMax = 60;

function themeOf(ranked: readonly Phrase[], content: string): string {
  const [first, ...others] = ranked;
  if (first === undefined) return [...content].slice(0, themeCharactersMax).join('') || '…';
  const second = others.find((phrase) => !phrase.terms.some((term) => first.terms.includes(term)));
  if (first.terms.length > 1 || second === undefined) return first.text;
  return `${first.text}, ${second.text}`.slice(0, themeCharactersMax);
}
