import type { PageId } from '../../model/ids.js';
import type { Fact } from '../../model/knowledge.js';
import type { Page } from '../../model/page.js';
import { type Trait, traitKey } from '../../model/profile.js';
import type { TraitDraft } from '../../ports/analyser.js';
import type { EnglishReader } from './english.js';
import { type Interested, interestsIn } from './interests.js';
import { ownWords } from './own-words.js';
import { characterIn, type Stated, wishIn } from './stated-traits.js';
import { formOf, type SentenceForm, statementsOf, tokensOf } from './statements.js';

/** A statement of the user, with its source and time. */
interface Said {
  readonly form: SentenceForm;
  /** The exact words of the page. */
  readonly quote: string;
  readonly pageId: PageId;
  /** ISO 8601 UTC. */
  readonly at: string;
  /** The talk of the statement: a day and a chain of pages. */
  readonly occasion: string;
}

type Level = TraitDraft['level'];

const pagesHeldMax = 10;
const quotesShownMax = 2;
/** Minimum number of talks about a subject that count as an interest, if the user likes it in one of them. */
const interestTalksMin = 2;
/**
 * The same if the user never says that they like it, but only does or owns it: "my paintings", "I made this
 * painting".
 */
const interestTalksWithoutLikingMin = 3;
/** Minimum number of days with talk about a subject that count as a strong interest. */
const strongInterestDaysMin = 4;

/**
 * Traits from the statements of the user.
 * - A wish about answers and a statement of character count if they are said once.
 * - An interest counts if it is stated as a habit, if the user likes it and mentions it again in another
 *   talk, or if it is mentioned in {@link interestTalksWithoutLikingMin} talks.
 * `facts` are the known facts about the user from all pages, so that mentions in several segments add up.
 * Every reason quotes a page. Missing evidence never lowers a trait.
 */
export function traitsOf(
  pages: readonly Page[],
  facts: readonly Fact[],
  known: readonly Trait[],
  reader: EnglishReader,
): TraitDraft[] {
  const said = [...saidBefore(pages, facts, reader), ...pages.flatMap((page) => saidOn(page, reader))];
  const drafts = [...statedTraits(said), ...interestTraits(said, known)];
  return drafts.flatMap((draft) => merged(draft, known));
}

function saidOn(page: Page, reader: EnglishReader): Said[] {
  const own = ownWords(page.user_input);
  if ('refused' in own) return [];
  const ignore = () => undefined;
  return statementsOf(own, page.user_input, reader, ignore).map((form) => ({
    form,
    quote: form.quote,
    pageId: page.id,
    at: page.timestamp,
    occasion: `${page.timestamp.slice(0, 10)} ${page.chain_id ?? page.id}`,
  }));
}

/** Known statements from other pages, in the user's own words. */
function saidBefore(pages: readonly Page[], facts: readonly Fact[], reader: EnglishReader): Said[] {
  const here = new Set(pages.map((page) => page.id));
  return facts.flatMap(({ assistant_id, quote, page_ids, told_at, timestamp }) => {
    const [pageId] = page_ids;
    if (assistant_id !== null || quote === null || pageId === undefined || here.has(pageId)) return [];
    const own = ownWords(quote);
    if ('refused' in own) return [];
    const tokens = tokensOf(own.text, reader);
    const at = told_at ?? timestamp;
    return [{ form: formOf(tokens), quote, pageId, at, occasion: `${at.slice(0, 10)} ${pageId}` }];
  });
}

function statedTraits(said: readonly Said[]): TraitDraft[] {
  const latest = new Map<string, { readonly trait: Stated; readonly evidence: Said[] }>();
  for (const one of said.toSorted((a, b) => a.at.localeCompare(b.at, 'en'))) {
    const trait = wishIn(one.form) ?? characterIn(one.form);
    if (trait === null) continue;
    const key = traitKey(trait);
    const before = latest.get(key);
    // The latest wish counts.
    const evidence = before?.trait.level === trait.level ? before.evidence : [];
    latest.set(key, { trait, evidence: [...evidence, one] });
  }
  return [...latest.values()].map(({ trait, evidence }) => ({
    group: trait.group,
    dimension: trait.dimension,
    level: trait.level,
    reason: `The user said: ${quotesOf(evidence.slice(-1))}.`,
    page_ids: pagesOf(evidence),
  }));
}

function interestTraits(said: readonly Said[], known: readonly Trait[]): TraitDraft[] {
  const found = new Map<string, (Said & Interested)[]>();
  for (const one of said) {
    for (const interested of interestsIn(one.form)) {
      const { dimension } = interested;
      found.set(dimension, [...(found.get(dimension) ?? []), { ...one, ...interested }]);
    }
  }
  return [...found].flatMap(([dimension, evidence]) => interestTrait(dimension, evidence, known));
}

function interestTrait(
  dimension: string,
  evidence: readonly (Said & Interested)[],
  known: readonly Trait[],
): TraitDraft[] {
  const before = known.find((trait) => trait.group === 'content_interests' && trait.dimension === dimension);
  const telling = evidence.filter(({ strength }) => strength !== 'touches');
  const days = new Set(evidence.map(({ at }) => at.slice(0, 10)));
  const isHabit = evidence.some(({ strength }) => strength === 'lasting');
  const talks = new Set(evidence.map(({ occasion }) => occasion)).size;
  const talksMin = telling.length > 0 ? interestTalksMin : interestTalksWithoutLikingMin;
  const isTold = isHabit || talks >= talksMin;
  if (before === undefined && !isTold) return [];
  const level: Level = telling.length > 1 && days.size >= strongInterestDaysMin ? 'High' : 'Medium';
  const shown = [...telling, ...evidence.filter((one) => !telling.includes(one))];
  const reason = `The user said: ${quotesOf(shown.slice(0, quotesShownMax))}.`;
  return [{ group: 'content_interests', dimension, level, reason, page_ids: pagesOf(evidence) }];
}

const ranks: Readonly<Record<Level, number>> = { Low: 0, Medium: 1, High: 2 };

/** Keeps only changes: a different wish, a higher level, or new pages for the same trait. */
function merged(draft: TraitDraft, known: readonly Trait[]): TraitDraft[] {
  const before = known.find((trait) => trait.group === draft.group && trait.dimension === draft.dimension);
  if (before === undefined) return [draft];
  const page_ids = [...new Set([...before.page_ids, ...draft.page_ids])];
  const adds = page_ids.length > before.page_ids.length;
  if (draft.group === 'content_interests' && ranks[draft.level] <= ranks[before.level]) {
    return adds ? [{ ...draft, level: before.level, reason: before.reason, page_ids }] : [];
  }
  if (before.level === draft.level) return adds ? [{ ...draft, page_ids }] : [];
  return [draft];
}

/** The pages of the latest statements. */
function pagesOf(evidence: readonly Said[]): PageId[] {
  const inOrder = evidence.toSorted((a, b) => a.at.localeCompare(b.at, 'en'));
  return [...new Set(inOrder.map(({ pageId }) => pageId))].slice(-pagesHeldMax);
}

/** Matches a caption at the end: "(image: a sunset)". The text before it is still exactly as on the page. */
const asideAtEnd = /[\s.]*\([^()]*\)\s*$/u;

function quotesOf(said: readonly Said[]): string {
  return [...new Set(said.map(({ quote }) => `"${quote.replace(asideAtEnd, '')}"`))].join(' and ');
}
