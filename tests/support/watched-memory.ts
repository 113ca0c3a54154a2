import type { StoreTimes } from '../../src/adapters/files/context.js';
import { createFileStore } from '../../src/adapters/files/file-store.js';
import type { MemoryEngine } from '../../src/engine/memory-engine.js';
import { toUserId } from '../../src/model/ids.js';
import type { Fact } from '../../src/model/knowledge.js';
import type { Trait } from '../../src/model/profile.js';
import { findPage, type UserState } from '../../src/model/user-state.js';
import type { UserStore } from '../../src/ports/memory-store.js';
import { type EngineOverHttpOptions, engineOverHttp } from './engine-over-http.js';
import { wordsOf } from './fake-openai/text.js';

/** Exchanges on two subjects, with facts about both sides. No sentence is like one that a model invents. */
export const toldExchanges: readonly (readonly [string, string])[] = [
  ['I play the violin every morning.', 'Playing the violin every morning is a fine habit.'],
  ['My violin teacher lives in Lisbon.', 'I recommend a lesson with your violin teacher in person.'],
  ['I practise the violin sonata by Franck.', 'The violin sonata by Franck takes practice.'],
  ['The violin sonata has four movements.', 'I suggest the second movement of the sonata first.'],
  ['I broke a violin string during the sonata.', 'A violin string costs little.'],
  ['My violin teacher praised the sonata.', 'Your violin teacher knows the sonata well.'],
  ['I moved to Rotterdam in spring.', 'Rotterdam is lovely in spring.'],
  ['I bake sourdough bread in Rotterdam.', 'I will send you a sourdough bread recipe from Rotterdam.'],
  ['This sourdough bread recipe needs rye flour.', 'Rye flour makes sourdough bread darker.'],
  ['I gave sourdough bread to neighbours in Rotterdam.', 'Neighbours in Rotterdam like sourdough bread.'],
];

/** The real engine on a folder, with access to the stored data. */
export interface WatchedMemory {
  readonly engine: MemoryEngine;
  readonly store: UserStore;
}

export async function openMemory(
  dataDir: string,
  options: Omit<EngineOverHttpOptions, 'store'> & { readonly times?: Partial<StoreTimes> },
): Promise<WatchedMemory> {
  const store = await createFileStore({ dataDir, ...options.times }).open(toUserId('alice'));
  return { store, engine: await engineOverHttp({ ...options, store }) };
}

export async function tellAll(engine: MemoryEngine): Promise<void> {
  for (const [userInput, agentResponse] of toldExchanges) await engine.add({ userInput, agentResponse });
}

/** Texts of the stored pages. A page stored twice appears twice. */
export function storedPages(state: UserState): string[] {
  const filed = [...state.segments.values()].flatMap((segment) => segment.pages);
  return [...filed, ...state.shortTerm].map((page) => page.user_input).sort();
}

export const toldPages = toldExchanges.map(([userInput]) => userInput).sort();

/** Exchanges on another subject, added when a model is available again. */
export const laterExchanges: readonly (readonly [string, string])[] = [
  ['I paint watercolours of lighthouses.', 'Watercolours of lighthouses suit your coast.'],
  ['I bought a watercolour brush in Harlingen.', 'A watercolour brush from Harlingen is a good choice.'],
  ['My watercolour of the lighthouse hangs in Harlingen.', 'The lighthouse of Harlingen is a fine motif.'],
  ['I paint a lighthouse every Sunday.', 'A lighthouse every Sunday makes a series.'],
];

/** Words that analysers add: "the assistant recommended …", "the user said on 3 May 2026 …". */
const framing = /^(?:user(?:['’]s)?|assistant|speaks|said|told|recommended|promised)$/;
const dates = /\bon \d{1,2} \p{L}+ \d{4}\b/gu;
/** The shortest word that is the stem of others: "practises" begins with "practise" without its e. */
const stemMin = 4;

/** Derived texts with a word that nobody said or a quote that is on no page. The list must be empty. */
export function untruths(state: UserState): string[] {
  const told = [...toldExchanges, ...laterExchanges];
  const said = new Set(told.flatMap(([user, assistant]) => wordsOf(`${user} ${assistant}`)));
  const isSaid = (word: string) =>
    said.has(word) ||
    framing.test(word) ||
    [...said].some(
      (known) =>
        known.startsWith(word) || (known.length >= stemMin && word.startsWith(known.replace(/e$/, ''))),
    );
  const facts = factsOf(state);
  const traits = [...state.profile.values()];
  const written = [
    ...[...state.segments.values()].flatMap(({ head, pages }) => [
      // Keywords of the built-in analyser are lemmas.
      ...(head.analysed_by === 'builtin' ? [] : [head.theme, ...head.keywords]),
      head.summary,
      ...pages.map((page) => page.meta_info),
    ]),
    ...state.shortTerm.map((page) => page.meta_info),
    ...traits.map((trait) => (trait.analysed_by === 'builtin' ? '' : trait.reason)),
    ...facts.map((fact) => fact.knowledge.replace(dates, '')),
  ];
  const invented = written.filter((text) => wordsOf(text).some((word) => !isSaid(word)));
  return [
    ...invented,
    ...facts.filter((fact) => !standsOnItsPage(state, fact)).map(misquoted),
    ...traits.filter((trait) => !quotesItsPages(state, trait)).map(({ reason }) => reason),
  ];
}

/** The built-in rules give the statement itself, in quotation marks, as the reason of a trait. */
function quotesItsPages(state: UserState, { reason, page_ids, analysed_by }: Trait): boolean {
  const quotes = [...reason.matchAll(/"([^"]+)"/g)].map(([, quote]) => quote ?? '');
  const stands = (quote: string) => page_ids.some((id) => findPage(state, id)?.user_input.includes(quote));
  return (quotes.length > 0 || analysed_by !== 'builtin') && quotes.every(stands);
}

function misquoted({ knowledge, quote }: Fact): string {
  return `${knowledge} (its quote stands on none of its pages: ${quote})`;
}

/** Facts about the user have a verbatim quote. Facts about the assistant from the built-in analyser may have none. */
function standsOnItsPage(state: UserState, fact: Fact): boolean {
  if (fact.quote === null) return fact.assistant_id !== null && fact.analysed_by === 'builtin';
  const { quote } = fact;
  return fact.page_ids.some((id) => {
    const page = findPage(state, id);
    const side = fact.assistant_id === null ? page?.user_input : page?.agent_response;
    return side?.includes(quote) === true;
  });
}

export function factsOf(state: UserState): Fact[] {
  return [state.userKnowledge, ...state.assistantKnowledge.values()].flat();
}

/** Facts that are stored twice, with the same words or the same quote. The list must be empty. */
export function doubled(state: UserState): string[] {
  const seen = new Set<string>();
  return factsOf(state).flatMap((fact) => {
    const keys = [fact.knowledge, ...(fact.quote === null ? [] : [fact.quote])];
    const isKnown = keys.some((key) => seen.has(key));
    for (const key of keys) seen.add(key);
    return isKnown ? [fact.knowledge] : [];
  });
}

/** Checks now and then until it is true. Throws with the description when it takes too long. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  timeoutMs = 40_000,
): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not within ${timeoutMs / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Whether no work waits and nothing has failed. */
export async function isSettled({ engine }: Pick<WatchedMemory, 'engine'>): Promise<boolean> {
  await engine.flush();
  const { analysis } = await engine.stats();
  return analysis.pages_waiting === 0 && analysis.segments_waiting === 0 && analysis.last_error === null;
}
