import { packageRequire } from '../io/package-files.js';
import { type Language, latinLanguages } from './languages.js';
import { ownStopWords } from './stop-words.js';

/** Lower-cased stop words of a language. Loaded on first use. */
export function stopWordsOf(language: Language): ReadonlySet<string> {
  let found = stopWords.get(language);
  if (found === undefined) {
    const all = new Set([...libraryStopWords(language), ...(ownStopWords[language] ?? [])]);
    // In questions to a memory, "may" is more often the month than the verb.
    if (language === 'english') all.delete('may');
    found = all;
    stopWords.set(language, found);
  }
  return found;
}
const stopWords = new Map<Language, ReadonlySet<string>>();

/**
 * Reduces a lower-cased word to its stem. Loaded on first use; null when no bundled library supports the
 * language.
 */
export function stemmerOf(language: Language): ((word: string) => string) | null {
  let found = stemmers.get(language);
  if (found === undefined) {
    found = loadStemmer(language);
    stemmers.set(language, found);
  }
  return found;
}
const stemmers = new Map<Language, ((word: string) => string) | null>();

/**
 * The language of Latin-script words, by a vote of stop words; English when no language gets enough votes. A
 * dozen words of running text are enough; a name alone gives no vote.
 */
export function latinLanguageOf(words: readonly string[]): Language {
  vote.clear();
  for (const word of words) vote.add(votesOf(word));
  return vote.winner();
}

/** The languages a word votes for, in the form {@link LanguageVote} takes; 0 for most words. */
export function votesOf(word: string): number {
  latinVotes ??= countableVotes();
  return latinVotes.get(word) ?? 0;
}
let latinVotes: Map<string, number> | undefined;

/** A single word is often a word of another language too: "sedan" is Swedish for "since". */
const votesMin = 2;

/** Decides the language of a text, one word at a time. */
export class LanguageVote {
  readonly #tally = new Uint32Array(latinLanguages.length);

  clear(): void {
    this.#tally.fill(0);
  }

  add(votes: number): void {
    for (let i = 0, mask = votes; mask !== 0; i++, mask >>>= 1) {
      if ((mask & 1) === 1) this.#tally[i] = (this.#tally[i] ?? 0) + 1;
    }
  }

  winner(): Language {
    let best = 0;
    for (let i = 1; i < latinLanguages.length; i++) {
      if ((this.#tally[i] ?? 0) > Math.max(this.#tally[best] ?? 0, votesMin - 1)) best = i;
    }
    return latinLanguages[best] ?? 'english';
  }
}
const vote = new LanguageVote();

/** For each stop word, the languages that have it, as a bit set. */
function countableVotes(): Map<string, number> {
  const votes = new Map<string, number>();
  latinLanguages.forEach((language, i) => {
    for (const word of stopWordsOf(language)) votes.set(word, (votes.get(word) ?? 0) | (1 << i));
  });
  return votes;
}

function libraryStopWords(language: Language): string[] {
  if (language === 'hebrew' || language === 'thai' || language === 'chinese' || language === 'arabic')
    return [];
  const loaded: unknown = packageRequire()(`@orama/stopwords/${language}`);
  const lists = typeof loaded === 'object' && loaded !== null ? Object.values(loaded) : [];
  return lists.flat().filter((word) => typeof word === 'string' && word !== '');
}

function loadStemmer(language: Language): ((word: string) => string) | null {
  if (language === 'hebrew' || language === 'thai' || language === 'chinese' || language === 'japanese') {
    return null;
  }
  // Porter 2 for English. The stemmers package uses an older variant, which gives "adoption" and "adopted"
  // different stems.
  const loaded: unknown =
    language === 'english'
      ? packageRequire()('wink-porter2-stemmer')
      : packageRequire()(`@orama/stemmers/${language}`);
  const stem: unknown =
    typeof loaded === 'object' && loaded !== null && 'stemmer' in loaded ? loaded.stemmer : loaded;
  if (typeof stem !== 'function') return null;
  return (word) => String(stem(word));
}
