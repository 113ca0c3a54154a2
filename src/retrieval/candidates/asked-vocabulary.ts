import type { Language } from '../../lib/text/languages.js';
import type { IndexStatistics, MemoryIndex, TermCount } from '../../ports/memory-index.js';
import { languagesOfMany } from '../index/page-index.js';
import type { WordIndex } from '../index/word-index.js';
import type { Vocabulary } from '../query.js';

/**
 * Maximum number of rounds in which a question is read. Later requests for data depend on earlier answers.
 */
const roundsMax = 6;

interface AskedSpelling {
  readonly term: string;
  readonly editsMax: number;
  readonly most: number;
}

/**
 * The vocabulary of a memory that is searched in its store. A request for data that has not been fetched is
 * recorded, and answered as if the memory had no such data. Then all recorded data is fetched together, and
 * the question is read again.
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

  /** `words` receives the counts of the requested terms. */
  constructor(index: MemoryIndex, words: WordIndex) {
    this.#index = index;
    this.#words = words;
  }

  /**
   * Calls `read` until all data that it requests has been fetched, at most {@link roundsMax} + 1 times.
   * Returns its last result.
   */
  async reading<T>(read: () => T): Promise<T> {
    for (let round = 0; round < roundsMax; round += 1) {
      const made = read();
      if (!(await this.#ask())) return made;
    }
    return read();
  }

  /** Statistics of all pages. */
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

  /** The term with this number. */
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

  /** Fetches missing data; false if nothing was missing. */
  async #ask(): Promise<boolean> {
    const terms = [...this.#terms.keys()].filter((term) => !this.#asked.has(term));
    const spans = [...this.#spans.values()].filter(({ held }) => held === null);
    // Whether the memory has a word is known only after the pages of the word are counted.
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
