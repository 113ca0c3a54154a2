import type { VectorOrNone } from '../../../lib/meaning/sentence-vectors.js';
import type { Fact } from '../../../model/knowledge.js';
import type { FactDraft } from '../../../ports/analyser.js';
import { isOfAnotherProject, projectOfDraft } from '../../../tiers/knowledge.js';
import { decisive, signsOfEnd } from '../ends.js';
import type { EnglishReader, Token } from '../english.js';
import { asSaid, toldFact, toldOfText } from '../known-facts.js';
import { isOfProject } from '../of-project.js';
import { plainWords } from '../plain-words.js';
import { tokensOf } from '../statements.js';
import type { Told } from '../told.js';
import type { Kept, SaidSentence } from './kept.js';
import { relationsTo, type Said, saidIn } from './pair-features.js';
import { chanceOfEnd } from './pair-scorer.js';

/**
 * The least chance at which a fact ends. Between friends, who tell the same things again and again, there must also be a
 * sign of the end.
 */
const endChanceMins = { usual: 0.4, toPerson: 0.9 } as const;

/** Adds to each draft the facts that it ends. A draft that a later statement has ended becomes history. */
export function withEnds(
  kept: readonly Kept[],
  current: readonly Fact[],
  reader: EnglishReader,
  vectorOf: VectorOrNone,
  reject: (reason: string) => void,
): FactDraft[] {
  const known = current.map((fact) => ({
    fact,
    told: toldFact(fact, reader),
    words: plainWords(fact.knowledge),
  }));
  const placed: Placed[] = [];
  const gone = new Set<Earlier['end']>();
  const endedBy = endingBy(vectorOf);
  const inOrder = [...kept].sort((a, b) => a.draft.told_at.localeCompare(b.draft.told_at, 'en'));
  for (const ofSentence of bySentence(inOrder)) {
    const [first] = ofSentence;
    if (first === undefined) continue;
    const inReach = known.filter(({ fact }) => !isOfAnotherProject(fact, first.draft));
    const parts: Part[] = [];
    /** A part of the sentence is known already, so the whole sentence adds nothing. */
    let isKnown = false;
    for (const one of ofSentence) {
      const isPart = parts.some(({ kept: { quotes } }) => quotes[0] === one.quotes[0]);
      if (one.isWhole && (isKnown || isPart)) continue;
      const words = plainWords(one.draft.knowledge);
      if ([...placed, ...parts].some((other) => words === other.words && isInReach(other.draft, one.draft))) {
        isKnown = true;
        reject('repeated');
        continue;
      }
      const isOutdated = (other: Known) => isOutdatedBy(one, other, endedBy, reader);
      const change = changeOf(words, inReach, isOutdated);
      isKnown ||= change.change !== 'new';
      parts.push({ kept: one, words, draft: { ...one.draft, ...change } });
    }
    const told = new Set(ofSentence.map(({ draft }) => plainWords(draft.knowledge)));
    const earlier = earlierThan(first.draft, inReach, placed).filter(
      ({ end, words }) => !gone.has(end) && !told.has(words),
    );
    const ends = endsOf(parts, first.sentence, earlier, endedBy);
    for (const part of parts) {
      const own = ends.get(part) ?? [];
      for (const end of own) gone.add(end);
      place(part, own, placed, reader, reject);
    }
  }
  return placed.map(({ draft }) => draft);
}

/** A statement that may be stored, with what is known of it. */
interface Part {
  readonly kept: Kept;
  /** Its plain words. */
  readonly words: string;
  readonly draft: FactDraft;
}

function changeOf(
  words: string,
  known: readonly Known[],
  isOutdatedBy: (later: Known) => boolean,
): Pick<FactDraft, 'change' | 'fact_id'> {
  const same = known.find((one) => one.words === words);
  if (same !== undefined) return { change: 'confirms', fact_id: same.fact.id };
  const later = known.find(isOutdatedBy);
  return later === undefined
    ? { change: 'new', fact_id: null }
    : { change: 'outdated', fact_id: later.fact.id };
}

/** What each new part of a sentence ends. */
function endsOf(
  parts: readonly Part[],
  sentence: SaidSentence | null,
  earlier: readonly Earlier[],
  endedBy: EndedBy,
): ReadonlyMap<Part, readonly Earlier['end'][]> {
  const fresh = parts.filter(({ draft }) => draft.change === 'new');
  const ended = fresh.length > 0 && sentence !== null ? endedBy(sentence, earlier) : [];
  const ends = new Map<Part, Earlier['end'][]>();
  for (const one of ended) {
    const teller = tellerOf(fresh, one);
    if (teller !== undefined) ends.set(teller, [...(ends.get(teller) ?? []), one.end]);
  }
  return ends;
}

function place(
  { kept, words, draft }: Part,
  ends: readonly Earlier['end'][],
  placed: Placed[],
  reader: EnglishReader,
  reject: (reason: string) => void,
): void {
  if (kept.isOnlyChange && ends.length === 0) {
    if (!kept.isWhole) reject('not worth keeping');
    return;
  }
  const told = toldOfKept(kept, reader);
  // "I have a new car. It replaced the Golf." is stored already, in one piece.
  const at = kept.isWhole ? placed.findIndex((other) => leansWith(other, kept)) : -1;
  const before = placed[at];
  if (before === undefined) {
    placed.push({
      told,
      words,
      quotes: kept.quotes,
      draft: { ...draft, ends, is_of_project: isOfProject(told) },
    });
  } else placed[at] = { ...before, draft: { ...before.draft, ends: [...before.draft.ends, ...ends] } };
}

/** Whether a stored statement quotes a whole sentence with another one. */
function leansWith({ draft, quotes }: Placed, { draft: { page_id }, quotes: [whole] }: Kept): boolean {
  return draft.page_id === page_id && quotes.length > 1 && whole !== undefined && quotes.includes(whole);
}

/** A statement that is stored. Its index among all of them is the index of its draft. */
interface Placed {
  readonly told: Told;
  readonly words: string;
  readonly quotes: readonly string[];
  readonly draft: FactDraft;
}

/** An earlier fact, and the draft or stored fact that it is. */
interface Earlier {
  readonly end: FactDraft['ends'][number];
  readonly told: Told;
  readonly words: string;
  /** In the words of the user. */
  readonly text: string;
}

interface Known {
  readonly fact: Fact;
  readonly told: Told;
  readonly words: string;
}

/** What is kept of each sentence, in order. */
function bySentence(kept: readonly Kept[]): Kept[][] {
  const groups: Kept[][] = [];
  const ofSentence = new Map<SaidSentence, Kept[]>();
  for (const one of kept) {
    const known = one.sentence === null ? undefined : ofSentence.get(one.sentence);
    if (known !== undefined) {
      known.push(one);
      continue;
    }
    const group = [one];
    groups.push(group);
    if (one.sentence !== null) ofSentence.set(one.sentence, group);
  }
  return groups;
}

/** Whether what is said in the project of a draft can be about an earlier one. */
function isInReach(before: FactDraft, draft: FactDraft): boolean {
  return !isOfAnotherProject({ project: projectOfDraft(before) }, draft);
}

/** The facts told before a draft, in other pages. */
function earlierThan(of: FactDraft, known: readonly Known[], placed: readonly Placed[]): Earlier[] {
  const { told_at, page_id } = of;
  return [
    ...known
      .filter(({ fact }) => toldAtOf(fact) <= told_at && !fact.page_ids.includes(page_id))
      .map(({ fact, told, words }) => ({
        end: fact.id,
        told,
        words,
        text: fact.quote ?? asSaid(fact.knowledge),
      })),
    ...placed.flatMap(({ told, words, draft }, end) =>
      draft.page_id !== page_id && isInReach(draft, of)
        ? [{ end, told, words, text: draft.quote ?? '' }]
        : [],
    ),
  ];
}

/** The part of a sentence that tells of an end: one about what ended rather than others, a stored one rather than others. */
function tellerOf(parts: readonly Part[], ended: Earlier): Part | undefined {
  const isAbout = ({ kept: { told } }: Part) => [...told.terms].some((term) => ended.told.terms.has(term));
  const stored = parts.filter(({ kept }) => !kept.isOnlyChange);
  return stored.find(isAbout) ?? parts.find(isAbout) ?? stored[0] ?? parts.at(-1);
}

type EndedBy = (
  sentence: Pick<SaidSentence, 'said' | 'isToPerson'>,
  earlier: readonly Earlier[],
) => readonly Earlier[];

/** Finds the facts that a sentence most probably ends. */
function endingBy(vectorOf: VectorOrNone): EndedBy {
  return ({ said: read, isToPerson }, earlier) => {
    if (earlier.length === 0) return [];
    const said = read();
    const least = endChanceMins[isToPerson ? 'toPerson' : 'usual'];
    return relationsTo(said, earlier).flatMap(({ fact, relation }) => {
      if (isOfAnotherNumber(said, fact.told)) return [];
      if (relation.signs.size === 0 && (isToPerson || isRepeatedIn(said, fact.told))) return [];
      const isDecided = relation.isOfSameOwner && [...relation.signs].some((sign) => decisive.has(sign));
      const isEnd = isDecided || chanceOfEnd(said, fact.told, relation, fact.text, vectorOf, least) >= least;
      return isEnd ? [fact] : [];
    });
  };
}

/** "Hive 8 is full" is about another hive than "hive 7 is full". "I'm on line 8 now" may be a change. */
function isOfAnotherNumber(said: Said, fact: Told): boolean {
  if (said.told.some(({ isEnding, isChange }) => isEnding || isChange)) return false;
  const before = numbered(fact.statement.tokens);
  const now = numbered(said.tokens);
  return [...before].some(([noun, number]) => now.has(noun) && now.get(noun) !== number);
}

/** The number after each noun: 7 in "hive 7". */
function numbered(tokens: readonly Token[]): ReadonlyMap<string, string> {
  return new Map(
    tokens.flatMap((token, i) => {
      const noun = tokens[i - 1];
      return noun !== undefined && /^(?:NOUN|PROPN)$/.test(noun.pos) && /^\d/.test(token.text)
        ? [[noun.lower, token.lower]]
        : [];
    }),
  );
}

/** "In Berlin I live with my sister" repeats "I live in Berlin", with more detail: it has all its terms, and no word for a change. */
function isRepeatedIn(said: Said, { terms, statement }: Told): boolean {
  const isOtherwise = said.told.some(
    (one) => one.isEnding || one.isChange || one.statement.verb?.negated !== statement.verb?.negated,
  );
  return !isOtherwise && [...terms].every((term) => said.terms.has(term));
}

/** Whether a known fact that was told later than a statement ends it. */
function isOutdatedBy(
  kept: Kept,
  { fact, told: later }: Known,
  endedBy: EndedBy,
  reader: EnglishReader,
): boolean {
  const { draft, sentence } = kept;
  if (toldAtOf(fact) <= draft.told_at || sentence === null) return false;
  const told = toldOfKept(kept, reader);
  // "I switched to Helix" does not say which of several facts it is about.
  if (signsOfEnd(later, told).includes('meant')) return false;
  const text = fact.quote ?? asSaid(fact.knowledge);
  const said = () => saidIn(text, tokensOf(text, reader), [later], 1);
  const earlier = { end: 0, told, words: plainWords(draft.knowledge), text: draft.quote ?? '' };
  return endedBy({ said, isToPerson: sentence.isToPerson }, [earlier]).length > 0;
}

/** For a whole sentence, what its words tell. */
function toldOfKept({ told, draft, isWhole }: Kept, reader: EnglishReader): Told {
  return isWhole ? toldOfText(draft.quote ?? '', reader) : told;
}

function toldAtOf(fact: Fact): string {
  return fact.told_at ?? fact.timestamp;
}
