import type { StoreTimes } from '../../src/adapters/files/context.js';
import { createFileStore } from '../../src/adapters/files/file-store.js';
import type { MemoryEngine } from '../../src/engine/memory-engine.js';
import { toUserId } from '../../src/model/ids.js';
import type { UserState } from '../../src/model/user-state.js';
import type { UserStore } from '../../src/ports/memory-store.js';
import { type EngineOverHttpOptions, engineOverHttp } from './engine-over-http.js';
import { wordsOf } from './fake-openai/text.js';

/** Exchanges on two subjects, with facts about both sides; every sentence can be told from an invented one. */
export const toldExchanges: readonly (readonly [string, string])[] = [
  ['I play the violin every morning.', 'Playing the violin every morning is a fine habit.'],
  ['My violin teacher lives in Lisbon.', 'I recommend a lesson with your violin teacher in person.'],
  ['I practise the violin sonata by Franck.', 'The violin sonata by Franck takes practice.'],
  ['The violin sonata has four movements.', 'I suggest the second movement of the sonata first.'],
  ['I broke a violin string during the sonata.', 'A violin string costs little.'],
  ['My violin teacher praised the sonata.', 'Your violin teacher knows the sonata well.'],
  ['I moved to Rotterdam in spring.', 'Rotterdam is lovely in spring.'],
  ['I bake sourdough bread in Rotterdam.', 'I will send you a sourdough bread recipe from Rotterdam.'],
  ['My sourdough bread recipe needs rye flour.', 'Rye flour makes sourdough bread darker.'],
  ['I gave sourdough bread to neighbours in Rotterdam.', 'Neighbours in Rotterdam like sourdough bread.'],
];

/** The real engine on a folder, and a view of what it has stored. */
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

/** Texts of the pages that are stored, as often as they are. */
export function storedPages(state: UserState): string[] {
  const filed = [...state.segments.values()].flatMap((segment) => segment.pages);
  return [...filed, ...state.shortTerm].map((page) => page.user_input).sort();
}

export const toldPages = toldExchanges.map(([userInput]) => userInput).sort();

const ownWords = new Set(['user', 'assistant', 'speaks']);

/** Everything derived that holds, or rests on, a word nobody said: there must be none. */
export function untruths(state: UserState): string[] {
  const said = new Set(toldExchanges.flatMap(([user, assistant]) => wordsOf(`${user} ${assistant}`)));
  const cutWord = (word: string) => [...said].some((known) => known.startsWith(word));
  const written = [
    ...[...state.segments.values()].flatMap(({ head, pages }) => [
      // The built-in analyser's are lemmas.
      ...(head.analysed_by === 'builtin' ? [] : [head.theme, ...head.keywords]),
      head.summary,
      ...pages.map((page) => page.meta_info),
    ]),
    ...state.shortTerm.map((page) => page.meta_info),
    ...[...state.profile.values()].map((trait) => trait.reason),
    // The built-in reader turns what was said into the third person, and keeps the words it read.
    ...[state.userKnowledge, ...state.assistantKnowledge.values()]
      .flat()
      .map((fact) => (fact.analysed_by === 'builtin' ? (fact.quote ?? fact.knowledge) : fact.knowledge)),
  ];
  return written.filter((text) =>
    wordsOf(text).some((word) => !ownWords.has(word) && !said.has(word) && !cutWord(word)),
  );
}

/** Waits, asking now and then; throws with the description when it takes too long. */
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

/** Nothing waits and nothing is wrong. */
export async function isSettled({ engine }: Pick<WatchedMemory, 'engine'>): Promise<boolean> {
  await engine.flush();
  const { analysis } = await engine.stats();
  return analysis.pages_waiting === 0 && analysis.segments_waiting === 0 && analysis.last_error === null;
}
