import { type PageReading, termsIn, weightOf } from './reading.js';

/** Rarity of a term among the given pages. A term that is on all pages does not distinguish them. */
export type Rarity = (term: string) => number;

export function rarityAmong(readings: readonly { readonly weights: ReadonlyMap<string, number> }[]): Rarity {
  const pagesWith = new Map<string, number>();
  for (const { weights } of readings) {
    for (const term of weights.keys()) pagesWith.set(term, (pagesWith.get(term) ?? 0) + 1);
  }
  return (term) => Math.log(1 + (readings.length + 1) / (pagesWith.get(term) ?? 1));
}

/** Cosine of two bags of terms, from 0 to 1. Repeated terms are damped, and rare terms weigh more. */
export function similarity(
  a: ReadonlyMap<string, number>,
  b: ReadonlyMap<string, number>,
  rarity: Rarity,
): number {
  let dot = 0;
  for (const [term, weight] of a) {
    const other = b.get(term);
    if (other !== undefined) dot += Math.sqrt(weight * other) * rarity(term) ** 2;
  }
  return dot === 0 ? 0 : dot / (norm(a, rarity) * norm(b, rarity));
}

function norm(bag: ReadonlyMap<string, number>, rarity: Rarity): number {
  let sum = 0;
  for (const [term, weight] of bag) sum += weight * rarity(term) ** 2;
  return Math.sqrt(sum);
}

export function bagOf(text: string): Map<string, number> {
  const bag = new Map<string, number>();
  for (const term of termsIn(text)) bag.set(term, (bag.get(term) ?? 0) + weightOf(term));
  return bag;
}

const minuteMs = 60_000;
const continuesMin = 0.4;
/** Threshold for one topic. The score of the time gap is not included. */
const oneTopicMin = 0.3;
/** A page with fewer informative words has no topic of its own. */
const ownTopicContentMin = 5;
/** Time since the page before, in minutes, and the score that it adds for continuing. */
const gapScores = [
  [10, 0.42],
  [60, 0.3],
  [6 * 60, 0.15],
  [24 * 60, -0.1],
] as const;
const longGapScore = -0.25;
/**
 * If a page has this many informative words and shares none with the page before, it is about something else,
 * even a minute later.
 */
const strangeContentMin = 9;

/**
 * Whether a page continues the one before it. Shared words and names, words that refer back, and an answered
 * question raise the score, less so after a longer time. An explicit change of topic lowers it.
 */
export function continues(before: PageReading, page: PageReading, rarity: Rarity): boolean {
  const gapMinutes = Math.abs(Date.parse(page.page.timestamp) - Date.parse(before.page.timestamp)) / minuteMs;
  const gapScore = gapScores.find(([minutes]) => gapMinutes <= minutes)?.[1] ?? longGapScore;
  return gapScore + tie(before, page, rarity) >= continuesMin;
}

/** Whether two pages are about the same topic, regardless of the time between them. */
export function isOfOneTopic(before: PageReading, page: PageReading, rarity: Rarity): boolean {
  return contentOf(page) < ownTopicContentMin || tie(before, page, rarity) >= oneTopicMin;
}

function openingOf({ userText, agentText }: PageReading): string {
  return userText === '' ? agentText : userText;
}

/** Number of informative words at the beginning of a page. */
function contentOf(page: PageReading): number {
  return [...bagOf(openingOf(page)).values()].reduce((sum, weight) => sum + weight, 0);
}

/** Score for the second page continuing the first, from the words of both. */
function tie(before: PageReading, page: PageReading, rarity: Rarity): number {
  const shared = Math.max(
    similarity(before.weights, page.weights, rarity),
    0.8 * similarity(bagOf(before.page.meta_info), page.weights, rarity),
  );
  const sharedNames = [...page.names].filter((name) => before.names.has(name)).length;
  const opening = openingOf(page);
  const content = contentOf(page);
  const answers = /[?？؟]\s*$/u.test(before.agentText);
  return (
    1.2 * shared +
    0.12 * Math.min(sharedNames, 2) +
    (refersBack(opening) ? 0.2 : 0) +
    (content < 2 ? 0.15 : 0) +
    (answers ? 0.15 : 0) -
    (shared === 0 && content >= strangeContentMin ? 0.15 : 0) -
    (changesTopic(opening) ? 0.4 : 0)
  );
}

const backReference =
  /^\s*(?:(?:yes|yeah|yep|no|nope|ok|okay|sure|right|exactly|thanks|thank you|great|perfect|and|but|so|also|then|well|actually)\b|(?:what|how) about\b|(?:那|还有|也|它|这个|那个|好的|谢谢|对|それ|あと|はい)|(?:نعم|لا|وماذا|وهل|أيضا|أيضًا|شكرا|هذا|ذلك)|(?:sí|también|y|gracias|oui|et|aussi|merci|ja|und|auch|danke)(?!\p{L}))/iu;
const backReferenceInside =
  /\b(?:it|she|he|her|him|they|that|that one|this one|those|them|as i (?:said|mentioned)|like i said|the same|another one|again|too|instead|you (?:said|mentioned|recommended|suggested)|earlier)\b/i;

/** Whether the beginning of a turn refers to an earlier statement. */
function refersBack(text: string): boolean {
  return backReference.test(text) || backReferenceInside.test(text.slice(0, 120));
}

const topicChange =
  /\b(?:by the way|btw|on another (?:note|topic)|on a different (?:note|topic)|(?:completely|totally|whole|very)? ?different (?:thing|topic|question|subject)|(?:completely|totally) different\b|something else|unrelated|changing (?:the )?(?:topic|subject)|change of (?:topic|subject)|new topic)\b|顺便|另外|换个话题|ところで|بالمناسبة|por cierto|au fait|übrigens/i;

function changesTopic(text: string): boolean {
  return topicChange.test(text.slice(0, 120));
}
