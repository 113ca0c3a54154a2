import type { Language } from '../../lib/text/languages.js';
import type { IndexStatistics, MemoryIndex, TermCount } from '../../ports/memory-index.js';
import { languagesOfMany } from '../index/page-index.js';
import type { WordIndex } from '../index/word-index.js';
import type { Vocabulary } from '../query.js';

/** Reading a question asks in rounds: what is asked for depends on what was answered. */
const roundsMax = 6;

interface AskedSpelling {
  readonly term: string;
  readonly editsMax: number;
  readonly most: number;
}

/**
 * The vocabulary of a memory that is searched where it is stored. What reading a question asks and is not known yet is
 * noted, answered as if the memory had it not, and asked for together; then the question is read again.
 */
export class AskedVocabulary implements Vocabulary {
  readonly #index: MemoryIndex;
  readonly #words: WordIndex;
  readonly #terms = new Map<string, TermCount | null>();
  readonly #spans = new Map<
    string,
    { readonly fromMs: number; readonly untilMs: number; held: boolean | null }
  >();
  readonly #spellings = new Map<string, AskedSpelling & { found: string[] | null }>();
  readonly #texts = new Map<number, string>();
  #whole: Omit<IndexStatistics, 'terms'> | null = null;

  /** `words`: gets the counts of the terms that are asked for. */
  constructor(index: MemoryIndex, words: WordIndex) {
    this.#index = index;
    this.#words = words;
  }

  /** What `read` makes of the memory once it knows all that it asks for. */
  async reading<T>(read: () => T): Promise<T> {
    for (let round = 0; round < roundsMax; round += 1) {
      const made = read();
      if (!(await this.#ask())) return made;
    }
    return read();
  }

  /** Of all pages. */
  get whole(): IndexStatistics {
    const known = [...this.#terms].flatMap(([term, count]): [string, TermCount][] =>
      count === null ? [] : [[term, count]],
    );
    const whole = this.#whole ?? {
      pages: 0,
      words: { user: 0, agent: 0 },
      languages: new Map(),
      inProjects: 0,
    };
    return { ...whole, terms: new Map(known) };
  }

  /** The term of a number that was given out. */
  textOf(id: number): string {
    return this.#texts.get(id) ?? '';
  }

  languages(): Language[] {
    if (this.#whole === null) return [];
    return languagesOfMany(this.#whole.languages as ReadonlyMap<Language, number>, this.#whole.pages);
  }

  holds(startMs: number, endMs: number): boolean {
    const key = `${startMs} ${endMs}`;
    const span = this.#spans.get(key) ?? { fromMs: startMs, untilMs: endMs, held: null };
    this.#spans.set(key, span);
    return span.held === true;
  }

  get words(): Vocabulary['words'] {
    const words = this.#words;
    return {
      find: (term) => {
        if (!this.#terms.has(term)) this.#terms.set(term, null);
        const id = words.find(term);
        if (id !== undefined) this.#texts.set(id, term);
        return id;
      },
      rarity: (id) => words.rarity(id),
      telling: (id) => words.telling(id),
      tellingMax: words.tellingMax,
      saidBy: (id) => words.saidBy(id),
      nearTo: (term, editsMax, most) => {
        const asked = this.#spellings.get(term) ?? { term, editsMax, most, found: null };
        this.#spellings.set(term, asked);
        return asked.found ?? [];
      },
    };
  }

  readonly #asked = new Set<string>();

  /** Asks for what was missing; false where nothing was. */
  async #ask(): Promise<boolean> {
    const terms = [...this.#terms.keys()].filter((term) => !this.#asked.has(term));
    const spans = [...this.#spans.values()].filter(({ held }) => held === null);
    // Whether a word is strange is known once its pages are counted.
    const spellings = [...this.#spellings.values()].filter(
      ({ term, found }) => found === null && this.#asked.has(term) && this.#terms.get(term) === null,
    );
    if (this.#whole !== null && terms.length + spans.length + spellings.length === 0) return false;
    const [statistics, held, found] = await Promise.all([
      this.#whole === null || terms.length > 0 ? this.#index.statistics(terms) : null,
      spans.length > 0 ? this.#index.holds(spans.map(({ fromMs, untilMs }) => ({ fromMs, untilMs }))) : [],
      Promise.all(spellings.map(({ term, editsMax, most }) => this.#index.spellings(term, editsMax, most))),
    ]);
    if (statistics !== null) {
      this.#whole = statistics;
      for (const term of terms) {
        this.#asked.add(term);
        this.#terms.set(term, statistics.terms.get(term) ?? null);
      }
      this.#words.standFor(statistics);
    }
    spans.forEach((span, i) => {
      span.held = held[i] ?? false;
    });
    spellings.forEach((asked, i) => {
      asked.found = found[i] ?? [];
    });
    return true;
  }
}
