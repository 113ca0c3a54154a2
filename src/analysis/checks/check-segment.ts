import type { Fact } from '../../model/knowledge.js';
import { dayOfPage, type Page, projectOf } from '../../model/page.js';
import type { FactDraft, SegmentAnalysis, SegmentInput, TraitDraft } from '../../ports/analyser.js';
import {
  dimensionFrom,
  type FactAnswer,
  factSlots,
  type SegmentAnswer,
  type TraitAnswer,
} from '../../prompts/analyse-segment.js';
import { numberOf } from '../../prompts/json-answer.js';
import type { Reading } from '../../prompts/prompt.js';
import { plainSentence, textFault } from './clean-text.js';
import { eventTime } from './event-time.js';
import {
  contentWords,
  type Evidence,
  evidenceOf,
  foundWords,
  numbersOf,
  saidIn,
  supportOf,
} from './evidence.js';

const factCharactersMax = 400;
const reasonCharactersMax = 600;
/** Share of a fact's words that its page must contain. */
const factSupportMin = 0.5;
const reasonSupportMin = 0.3;

export type Reject = (reason: string) => void;

/**
 * The parts of an answer about a segment that may be stored. Every draft is judged on its own; `reject` is
 * called with the reason for each refused one. The answer as a whole is a problem only when it mostly cites
 * pages that do not exist, because then the model has lost its place.
 */
export function checkSegment(
  answer: SegmentAnswer,
  input: SegmentInput,
  shownFacts: readonly Fact[],
  reject: Reject,
): Reading<Pick<SegmentAnalysis, 'traits' | 'facts'>> {
  for (let i = 0; i < answer.malformed; i += 1) reject('malformed');
  const cited = [...answer.facts.map((fact) => fact.page), ...answer.traits.flatMap((trait) => trait.pages)];
  const astray = cited.filter((label) => pageAt(input.pages, label) === undefined);
  if (astray.length * 2 > cited.length)
    return { ok: false, problem: `there is no page ${astray[0]}; cite P1 to P${input.pages.length}` };
  const traits = new Map<string, TraitDraft>();
  for (const given of answer.traits) {
    const trait = toTrait(given, input, reject);
    if (trait !== null) traits.set(trait.dimension, trait);
  }
  const facts: FactDraft[] = [];
  for (const given of answer.facts) {
    const fact = toFact(given, input, shownFacts, reject);
    if (fact === null) continue;
    const twice = facts.some(
      (other) => other.assistant_id === fact.assistant_id && other.knowledge === fact.knowledge,
    );
    if (!twice) facts.push(fact);
  }
  return { ok: true, value: { traits: [...traits.values()], facts } };
}

function toTrait(given: TraitAnswer, input: SegmentInput, reject: Reject): TraitDraft | null {
  const place = dimensionFrom(given.dimension);
  if (place === undefined) return refuse(reject, 'unknown_dimension');
  const pages = given.pages.flatMap((label) => pageAt(input.pages, label) ?? []);
  const [first, ...others] = new Set(pages);
  if (first === undefined) return refuse(reject, 'unknown_page');
  const reason = plainSentence(given.reason);
  const evidence = evidenceOf([first, ...others].flatMap(saidIn));
  const fault = faultOf(reason, reasonCharactersMax, evidence);
  if (fault !== null) return refuse(reject, fault);
  if (supportOf(reason, evidence) < reasonSupportMin) return refuse(reject, 'unsupported');
  const level = given.level === 'high' ? 'High' : given.level === 'low' ? 'Low' : 'Medium';
  return { ...place, level, reason, page_ids: [first, ...others].map((page) => page.id) };
}

function toFact(
  given: FactAnswer,
  input: SegmentInput,
  shownFacts: readonly Fact[],
  reject: Reject,
): FactDraft | null {
  const page = pageAt(input.pages, given.page);
  if (page === undefined) return refuse(reject, 'unknown_page');
  const knowledge = plainSentence(given.fact);
  const before = input.pages[input.pages.indexOf(page) - 1];
  // An answer to a question on the previous page is unclear without that page.
  const around = evidenceOf([page, before].flatMap((one) => (one === undefined ? [] : saidIn(one))));
  const fault = faultOf(knowledge, factCharactersMax, around);
  if (fault !== null) return refuse(reject, fault);
  const timestamp = eventTime(given.time, page);
  if (!isSupported(knowledge, given.about, page, around, timestamp)) return refuse(reject, 'unsupported');
  const owner = given.about === 'user' ? null : page.assistant_id;
  const slot =
    owner === null ? (factSlots.find((known) => known === given.slot?.trim().toLowerCase()) ?? null) : null;
  const { label, ends } = refOf(given.ref);
  const named = factAt(shownFacts, label);
  const isRelated = named !== undefined && named.assistant_id === owner && isAbout(knowledge, slot, named);
  if (given.ref !== null && !isRelated) reject('unrelated_fact');
  const related = isRelated ? named : null;
  return {
    assistant_id: owner,
    knowledge,
    timestamp,
    page_id: page.id,
    told_at: page.timestamp,
    quote: given.quote.trim() === '' ? null : given.quote.trim(),
    ends: [],
    slot,
    project: projectOf(page),
    is_of_project: false,
    change: related === null ? 'new' : ends ? 'supersedes' : 'confirms',
    fact_id: related?.id ?? null,
  };
}

/**
 * The page contains these words, the side that the fact is about says some of them, and every larger number
 * is on the page or part of the date.
 */
function isSupported(
  knowledge: string,
  about: FactAnswer['about'],
  page: Page,
  around: Evidence,
  at: string,
): boolean {
  if (supportOf(knowledge, around) < factSupportMin) return false;
  const side = evidenceOf([saidIn(page)[about === 'user' ? 0 : 1] ?? '']);
  if (foundWords(knowledge, { ...side, language: around.language }).length === 0) return false;
  const dates = new Set([
    ...numbersOf(at.slice(0, 10).replaceAll('-', ' ')),
    ...numbersOf(dayOfPage(page).replaceAll('-', ' ')),
  ]);
  return numbersOf(knowledge).every((number) => around.numbers.has(number) || dates.has(number));
}

/** A fact confirms or contradicts one with the same slot, or one that shares a word. */
function isAbout(knowledge: string, slot: string | null, other: Fact): boolean {
  if (slot !== null && other.slot === slot) return true;
  const evidence = evidenceOf([other.knowledge]);
  return contentWords(knowledge, evidence).length > 0 && foundWords(knowledge, evidence).length > 0;
}

/** What is wrong with a sentence. A conversation may legitimately be about errors and instructions. */
function faultOf(sentence: string, charactersMax: number, evidence: Evidence): string | null {
  const fault = textFault(sentence, charactersMax);
  const aboutIt = fault === 'error_text' && supportOf(sentence, evidence) >= factSupportMin;
  return aboutIt ? null : fault;
}

function pageAt(pages: readonly Page[], label: string): Page | undefined {
  return pages[(numberOf(label, 'P') ?? 0) - 1];
}

function factAt(facts: readonly Fact[], label: string | null): Fact | undefined {
  return label === null ? undefined : facts[(numberOf(label, 'F') ?? 0) - 1];
}

/** "not F1": the statement ends that fact. */
function refOf(ref: string | null): { label: string | null; ends: boolean } {
  const label = ref?.replace(/^\W*not\b/i, '') ?? null;
  return { label, ends: label !== ref };
}

function refuse(reject: Reject, reason: string): null {
  reject(reason);
  return null;
}
