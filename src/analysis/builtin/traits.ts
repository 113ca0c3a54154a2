import type { PageId } from '../../model/ids.js';
import type { Page } from '../../model/page.js';
import type { ProfileGroup, Trait } from '../../model/profile.js';
import type { TraitDraft } from '../../ports/analyser.js';
import type { EnglishReader, Token } from './english.js';
import { interests } from './interest-cues.js';
import { ownWords } from './own-words.js';
import { phraseText } from './phrases.js';
import { isEnglish } from './reading.js';
import { refusalOf } from './sentence-guards.js';
import { type StatedTrait, stated } from './trait-cues.js';

interface Evidence {
  readonly page: Page;
  readonly text: string;
}

type Level = TraitDraft['level'];

const excerptCharactersMax = 90;
const pagesHeldMax = 10;
/** Pages on which a person speaks of something in the first person, engaged, before it is an interest. */
const interestPagesMin = 2;
const strongInterestPagesMin = 5;

/**
 * Traits that the pages speak for: wishes about the answers and statements about themselves as said once, interests
 * only when they come back. What is known is never lowered by the absence of evidence.
 */
export function traitsOf(
  pages: readonly Page[],
  known: readonly Trait[],
  reader: EnglishReader,
): TraitDraft[] {
  const interestEvidence = new Map<string, Evidence[]>();
  const statements = new Map<string, { trait: StatedTrait; evidence: Evidence[] }>();
  for (const page of pages) {
    const own = ownWords(page.user_input);
    if ('refused' in own || !isEnglish(own.text)) continue;
    for (const { tokens } of reader.read(own.text)) readSentence(tokens, page, interestEvidence, statements);
  }
  const drafts = [
    ...[...statements.values()].map(({ trait, evidence }) => statedDraft(trait, evidence)),
    ...[...interestEvidence].flatMap(([dimension, evidence]) => interestDraft(dimension, evidence, known)),
  ];
  return drafts.flatMap((draft) => merged(draft, known));
}

function readSentence(
  tokens: readonly Token[],
  page: Page,
  interestEvidence: Map<string, Evidence[]>,
  statements: Map<string, { trait: StatedTrait; evidence: Evidence[] }>,
): void {
  const text = phraseText(tokens);
  const refusal = refusalOf(tokens);
  for (const trait of stated) {
    if (
      !trait.pattern.test(text) ||
      (refusal !== null && !(refusal === 'hypothetical' && trait.group === 'ai_alignment'))
    )
      continue;
    if (trait.unless?.test(text) === true) continue;
    const key = `${trait.group}/${trait.dimension}`;
    // The latest wish counts.
    const before = statements.get(key);
    const evidence = before !== undefined && before.trait.level === trait.level ? before.evidence : [];
    statements.set(key, { trait, evidence: [...evidence, { page, text }] });
  }
  if (refusal !== null || !isEngaged(tokens)) return;
  const words = new Set(withoutOfCourse(tokens).flatMap(({ lower, lemma }) => [lower, lemma]));
  for (const [dimension, cues] of interests) {
    if (![...words].some((word) => cues.has(word))) continue;
    if (dimension === 'Family Concern' && !speaksOfOwn(tokens, cues)) continue;
    const evidence = interestEvidence.get(dimension) ?? [];
    if (evidence.some((other) => other.page.id === page.id)) continue;
    interestEvidence.set(dimension, [...evidence, { page, text }]);
  }
}

function withoutOfCourse(tokens: readonly Token[]): readonly Token[] {
  return tokens.filter(({ lower }, i) => lower !== 'course' || tokens[i - 1]?.lower !== 'of');
}

/** "my son", "our two kids"; not "when I was a kid". */
function speaksOfOwn(tokens: readonly Token[], cues: ReadonlySet<string>): boolean {
  return tokens.some(
    ({ lower }, i) =>
      cues.has(lower) &&
      tokens.slice(Math.max(0, i - 2), i).some((before) => /^(?:my|our)$/.test(before.lower)),
  );
}

/** The user speaks of themselves, and does not say no. */
function isEngaged(tokens: readonly Token[]): boolean {
  if (!tokens.some(({ text, lower }) => text === 'I' || /^(?:my|we|our|me)$/.test(lower))) return false;
  return !tokens.some(({ lower }) => /^(?:not|never|n't|no|hate|dislike|hardly|boring)$/.test(lower));
}

function statedDraft(trait: StatedTrait, evidence: readonly Evidence[]): TraitDraft {
  return {
    group: trait.group,
    dimension: trait.dimension,
    level: trait.level,
    reason: `The user said: "${excerpt(evidence.at(-1)?.text ?? '')}".`,
    page_ids: pagesOf(evidence),
  };
}

function interestDraft(
  dimension: string,
  evidence: readonly Evidence[],
  known: readonly Trait[],
): TraitDraft[] {
  const group: ProfileGroup = 'content_interests';
  const before = known.find((trait) => trait.group === group && trait.dimension === dimension);
  const seen = new Set([...(before?.page_ids ?? []), ...pagesOf(evidence)]);
  if (seen.size < interestPagesMin) return [];
  const level: Level = seen.size >= strongInterestPagesMin ? 'High' : 'Medium';
  const latest = evidence.slice(-2).map(({ text }) => `"${excerpt(text)}"`);
  return [
    {
      group,
      dimension,
      level,
      reason: `The user spoke of it in ${seen.size} exchanges, for example: ${latest.join(' and ')}.`,
      page_ids: [...seen].slice(-pagesHeldMax),
    },
  ];
}

const ranks: Readonly<Record<Level, number>> = { Low: 0, Medium: 1, High: 2 };

/** Only what changes what is known: another wish, a higher level, or new pages behind the same. */
function merged(draft: TraitDraft, known: readonly Trait[]): TraitDraft[] {
  const before = known.find((trait) => trait.group === draft.group && trait.dimension === draft.dimension);
  if (before === undefined) return [draft];
  const page_ids = [...new Set([...before.page_ids, ...draft.page_ids])];
  if (draft.group === 'content_interests' && ranks[draft.level] < ranks[before.level]) {
    return page_ids.length > before.page_ids.length
      ? [{ ...draft, level: before.level, reason: before.reason, page_ids }]
      : [];
  }
  if (before.level === draft.level && page_ids.length === before.page_ids.length) return [];
  return [{ ...draft, page_ids: before.level === draft.level ? page_ids : draft.page_ids }];
}

function pagesOf(evidence: readonly Evidence[]): PageId[] {
  return [...new Set(evidence.map(({ page }) => page.id))].slice(-pagesHeldMax);
}

function excerpt(text: string): string {
  return text.length <= excerptCharactersMax
    ? text.replace(/[."]+$/, '')
    : `${text.slice(0, text.lastIndexOf(' ', excerptCharactersMax))}…`.replace(/"/g, "'");
}
