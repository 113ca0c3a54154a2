import { type Page, wallTimeOfPage } from '../../model/page.js';
import { clausesOf } from './clauses.js';
import type { EnglishReader, Token } from './english.js';
import { endsRolePlay, ownWords } from './own-words.js';
import { isVague, nameAt, nounPhraseAt, phraseText, titled } from './phrases.js';
import { isEnglish } from './reading.js';
import { abstinenceFacts } from './rules/abstinence.js';
import { doingFacts } from './rules/doings.js';
import { eventFacts } from './rules/events.js';
import { habitFacts } from './rules/habits.js';
import { healthFacts } from './rules/health.js';
import { homeFacts } from './rules/home.js';
import { identityFacts } from './rules/identity.js';
import { kinAndPetFacts, namesInPassing } from './rules/kin-and-pets.js';
import { planFacts } from './rules/plans.js';
import { studyFacts } from './rules/study.js';
import { tasteFacts } from './rules/tastes.js';
import { workFacts } from './rules/work.js';
import { refusalOf, toldPart } from './sentence-guards.js';
import { type FoundFact, type TimedClause, timed } from './timed-clause.js';
import { emptyHeads, pets, relations } from './word-lists.js';

const rules: readonly ((clause: TimedClause) => FoundFact[])[] = [
  identityFacts,
  homeFacts,
  workFacts,
  studyFacts,
  kinAndPetFacts,
  healthFacts,
  tasteFacts,
  planFacts,
  eventFacts,
  habitFacts,
  doingFacts,
  abstinenceFacts,
];

export interface PageFact extends FoundFact {
  readonly page: Page;
}

const rolePlayEndsAfterMs = 2 * 3_600_000;

/**
 * Facts from the user's own words, page by page in order. A role-play goes on until it is ended or two hours
 * pass. `reject` is told why sentences were refused.
 */
export function userFacts(
  pages: readonly Page[],
  reader: EnglishReader,
  reject: (reason: string) => void,
): PageFact[] {
  const found: PageFact[] = [];
  let playingUntilMs = 0;
  for (const page of pages) {
    const atMs = wallTimeOfPage(page);
    if (atMs < playingUntilMs && endsRolePlay.test(page.user_input.slice(0, 600))) {
      playingUntilMs = 0;
      reject('role-play');
      continue;
    }
    const own = ownWords(page.user_input);
    if ('refused' in own) {
      reject(own.refused);
      if (own.refused === 'role-play') playingUntilMs = atMs + rolePlayEndsAfterMs;
      continue;
    }
    if (atMs < playingUntilMs) {
      reject('role-play');
      continue;
    }
    let nameless: string | null = null;
    for (const sentence of reader.read(own.text)) {
      const facts = factsIn(sentence.tokens, atMs, reject);
      nameless = namelessIn(facts) ?? nameless;
      const named = nameless === null ? null : nameGivenTo(nameless, sentence.tokens);
      if (named !== null) {
        facts.push(named);
        nameless = null;
      }
      found.push(...facts.map((fact) => ({ ...fact, page })));
    }
  }
  return found;
}

function factsIn(
  tokens: readonly Token[],
  writtenAtMs: number,
  reject: (reason: string) => void,
): FoundFact[] {
  if (!isEnglish(phraseText(tokens))) return [];
  const refusal = refusalOf(tokens);
  if (refusal !== null) {
    reject(refusal);
    return [];
  }
  const told = toldPart(tokens);
  if (told.length === 0) {
    reject('question');
    return [];
  }
  const facts = clausesOf(told).flatMap((clause) => factsOfClause(timed(clause, writtenAtMs)));
  const named = namesInPassing(told).filter((fact) => !facts.some(({ text }) => mentions(text, fact)));
  return [...facts, ...named, ...callMe(told), ...isMyFavourite(told)];
}

/** The first rule that understands a clause has it, but a name may come with a job. */
function factsOfClause(clause: TimedClause): FoundFact[] {
  for (const rule of rules) {
    const facts = rule(clause);
    if (facts.length > 0) return facts;
  }
  return [];
}

function mentions(text: string, fact: FoundFact): boolean {
  return text.toLowerCase().includes(fact.value);
}

/** "call me Theo", "everybody calls me Theo". */
function callMe(tokens: readonly Token[]): FoundFact[] {
  const at = tokens.findIndex(({ lower }, i) => /^calls?$/.test(lower) && tokens[i + 1]?.lower === 'me');
  if (
    at === -1 ||
    tokens.slice(0, at).some(({ lower }) => /^(?:not|never|n't|used|would|could|always)$/.test(lower))
  )
    return [];
  const name = nameAt(tokens, at + 2);
  if (name === null || name.tokens.length > 2 || !/^\p{Lu}/u.test(name.tokens[0]?.text ?? '')) return [];
  const text = phraseText(name.tokens);
  return [
    { text: `The user is called ${titled(text)}`, slot: 'name', value: text.toLowerCase(), when: null },
  ];
}

/** "Dune is my favourite book": only what is named. */
function isMyFavourite(tokens: readonly Token[]): FoundFact[] {
  const name = nameAt(tokens, 0);
  if (name === null || !/^(?:is|are)$/.test(tokens[name.end]?.lower ?? '')) return [];
  const [my, word] = [tokens[name.end + 1], tokens[name.end + 2]];
  if (my?.lower !== 'my' || !/^favou?rite$/.test(word?.lower ?? '')) return [];
  const kind = nounPhraseAt(tokens, name.end + 3);
  if (kind === null || kind.tokens.length > 3 || emptyHeads.has(kind.head.lower) || isVague(kind.tokens))
    return [];
  const after = tokens[kind.end];
  if (after !== undefined && !/^[.,!;]$|^(?:and|because|so)$/.test(after.lower)) return [];
  const what = phraseText(kind.tokens);
  const text = phraseText(name.tokens);
  return [
    {
      text: `The user's ${word?.lower} ${what} is ${text}`,
      slot: `favourite:${what.toLowerCase()}`,
      value: text.toLowerCase(),
      when: null,
    },
  ];
}

/** The one animal or child just told of without a name: "I adopted a dog". */
function namelessIn(facts: readonly FoundFact[]): string | null {
  const told = facts.map(
    ({ text }) => /^The user (?:has|adopted|got) an? (?:[\p{L}-]+ ){0,3}?([\p{L}-]+)$/u.exec(text)?.[1],
  );
  const [one, ...others] = told.filter(
    (noun) => noun !== undefined && (pets.has(noun) || relations.has(noun)),
  );
  return one === undefined || others.length > 0 ? null : one;
}

const naming =
  /\b(?:(?:his|her|its) name is|(?:he|she|it) is (?:called|named)|(?:I|we) (?:named|called|call|name) (?:him|her|it)) (\p{Lu}\p{L}{1,20})(?![\p{L}'])/u;

/** "… and her name is Pepper", of the one told of just before. */
function nameGivenTo(noun: string, tokens: readonly Token[]): FoundFact | null {
  if (refusalOf(tokens) !== null || toldPart(tokens).length === 0) return null;
  const name = naming.exec(phraseText(tokens))?.[1];
  if (name === undefined) return null;
  return { text: `The user's ${noun} is named ${name}`, slot: null, value: name.toLowerCase(), when: null };
}
