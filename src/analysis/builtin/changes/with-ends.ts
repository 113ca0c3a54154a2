import type { Fact } from '../../../model/knowledge.js';
import type { FactDraft } from '../../../ports/analyser.js';
import { isOfAnotherProject, projectOfDraft } from '../../../tiers/knowledge.js';
import type { EnglishReader } from '../english.js';
import { asSaid, toldFact, toldOfText } from '../known-facts.js';
import { isOfProject } from '../of-project.js';
import { plainWords } from '../plain-words.js';
import type { Told } from '../told.js';
import type { Kept, SaidSentence } from './kept.js';
import { relationsTo, saidIn } from './pair-features.js';
import { chanceOfEnd, type VectorOf } from './pair-scorer.js';

/** The least chance at which a fact ends. Between friends, the same things are told again and again. */
const endChanceMins = { usual: 0.4, toPerson: 0.9 } as const;

/** Adds to each draft the facts that it ends. A draft that a later statement has ended becomes history. */
export function withEnds(
  kept: readonly Kept[],
  current: readonly Fact[],
  reader: EnglishReader,
  vectorOf: VectorOf,
  reject: (reason: string) => void,
): FactDraft[] {
  const known = current.map((fact) => ({ fact, told: toldFact(fact, reader) }));
  const placed: Placed[] = [];
  const endedBy = endingBy(vectorOf, reject);
  const inOrder = [...kept].sort((a, b) => a.draft.told_at.localeCompare(b.draft.told_at, 'en'));
  for (const parts of bySentence(inOrder)) {
    const [first] = parts;
    if (first === undefined) continue;
    const inReach = known.filter(({ fact }) => !isOfAnotherProject(fact, first.draft));
    const newParts: { kept: Kept; draft: FactDraft }[] = [];
    let isNew = true;
    for (const one of parts) {
      const { draft } = one;
      const words = plainWords(draft.knowledge);
      if (one.isWhole && newParts.some(({ kept: { quotes } }) => quotes[0] === one.quotes[0])) continue;
      if ([...placed, ...newParts].some((other) => isRepeated(draft, other.draft))) {
        reject('repeated');
        isNew = false;
        continue;
      }
      const same = inReach.find(({ fact }) => plainWords(fact.knowledge) === words)?.fact;
      const after = same ?? inReach.find((other) => isOutdatedBy(one, other, endedBy, reader))?.fact;
      if (after !== undefined) isNew = false;
      const change = same !== undefined ? 'confirms' : after !== undefined ? 'outdated' : 'new';
      newParts.push({ kept: one, draft: { ...draft, change, fact_id: after?.id ?? null } });
    }
    const { sentence } = first;
    const ended =
      isNew && sentence !== null ? endedBy(sentence, earlierThan(first.draft, inReach, placed)) : [];
    const teller = ended.length === 0 ? undefined : tellerOf(newParts, ended);
    for (const part of newParts) {
      if (part.kept.isOnlyChange && part !== teller) {
        if (!part.kept.isWhole) reject('not worth keeping');
        continue;
      }
      const ends = part === teller ? ended.map(({ end }) => end) : [];
      const told = toldOfKept(part.kept, reader);
      placed.push({ told, draft: { ...part.draft, ends, is_of_project: isOfProject(told) } });
    }
  }
  return placed.map(({ draft }) => draft);
}

/** A statement that is stored. Its index among all of them is the index of its draft. */
interface Placed {
  readonly told: Told;
  readonly draft: FactDraft;
}

/** An earlier fact, and the draft or stored fact that it is. */
interface Earlier {
  readonly end: FactDraft['ends'][number];
  readonly told: Told;
  readonly quote: string;
}

interface Known {
  readonly fact: Fact;
  readonly told: Told;
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

function isRepeated(draft: FactDraft, before: FactDraft): boolean {
  return (
    plainWords(before.knowledge) === plainWords(draft.knowledge) &&
    !isOfAnotherProject({ project: projectOfDraft(before) }, draft)
  );
}

/** The facts told before a draft, in other pages. */
function earlierThan(of: FactDraft, known: readonly Known[], placed: readonly Placed[]): Earlier[] {
  const { told_at, page_id } = of;
  return [
    ...known
      .filter(({ fact }) => toldAtOf(fact) <= told_at && !fact.page_ids.includes(page_id))
      .map(({ fact, told }) => ({ end: fact.id, told, quote: fact.quote ?? fact.knowledge })),
    ...placed.flatMap(({ told, draft }, end) =>
      draft.page_id === page_id || isOfAnotherProject({ project: projectOfDraft(draft) }, of)
        ? []
        : [{ end, told, quote: draft.quote ?? '' }],
    ),
  ];
}

/** The part of a sentence that tells of the end: a stored one rather than the others, one about what ended rather than others. */
function tellerOf<T extends { readonly kept: Kept }>(
  parts: readonly T[],
  ended: readonly Earlier[],
): T | undefined {
  const isAbout = ({ kept: { told } }: T) =>
    ended.some((one) => [...told.terms].some((term) => one.told.terms.has(term)));
  const stored = parts.filter(({ kept }) => !kept.isOnlyChange);
  return stored.find(isAbout) ?? stored[0] ?? parts.find(isAbout) ?? parts.at(-1);
}

type EndedBy = (
  sentence: Pick<SaidSentence, 'said' | 'isToPerson'>,
  earlier: readonly Earlier[],
) => readonly Earlier[];

/** Finds the facts that a sentence most probably ends. */
function endingBy(vectorOf: VectorOf, reject: (reason: string) => void): EndedBy {
  return ({ said: read, isToPerson }, earlier) => {
    if (earlier.length === 0) return [];
    const said = read();
    const least = endChanceMins[isToPerson ? 'toPerson' : 'usual'];
    try {
      return relationsTo(said, earlier).flatMap(({ fact, relation }) =>
        chanceOfEnd(said, fact.told, relation, fact.quote, vectorOf, least) >= least ? [fact] : [],
      );
    } catch {
      // The retrieval, which uses the same model, says what is wrong with it.
      reject('sentence model unusable');
      return [];
    }
  };
}

/** Whether a known fact that was told later than a statement ends it. */
function isOutdatedBy(
  { draft, told }: Kept,
  { fact, told: later }: Known,
  endedBy: EndedBy,
  reader: EnglishReader,
): boolean {
  if (toldAtOf(fact) <= draft.told_at) return false;
  const text = fact.quote ?? asSaid(fact.knowledge);
  const tokens = reader.read(text).flatMap((read) => read.tokens);
  const earlier = { end: 0, told, quote: draft.quote ?? '' };
  const said = saidIn(text, tokens, [later], 1);
  return endedBy({ said: () => said, isToPerson: false }, [earlier]).length > 0;
}

function toldOfKept({ told, draft, isWhole }: Kept, reader: EnglishReader): Told {
  return isWhole ? toldOfText(draft.quote ?? '', reader) : told;
}

function toldAtOf(fact: Fact): string {
  return fact.told_at ?? fact.timestamp;
}
