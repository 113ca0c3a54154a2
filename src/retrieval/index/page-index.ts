import { growableBytes } from '../../lib/math/growable.js';
import type { Language } from '../../lib/text/languages.js';
import type { ChainId, PageId, SegmentId } from '../../model/ids.js';
import type { Json } from '../../model/json.js';
import { originKey, type Page, projectOf } from '../../model/page.js';
import type { CandidatePage, IndexStatistics, PageTerms } from '../../ports/memory-index.js';
import { PageOrder } from '../page-order.js';
import { namesTime } from '../signals/time-words.js';
import { rowOfPosting } from './posting-pool.js';
import { SegmentIndex } from './segment-index.js';
import { type ReadPage, TermReader } from './term-reader.js';
import { WordIndex } from './word-index.js';

/** If a language has a smaller share of the pages than this, it was probably detected by mistake. */
const languageShareMin = 0.02;

/** The languages that occur on many pages. */
export function languagesOfMany(pagesOf: ReadonlyMap<Language, number>, pages: number): Language[] {
  const some = Math.max(1, pages * languageShareMin);
  return [...pagesOf].filter(([, count]) => count >= some).map(([language]) => language);
}

const emptyRowsMin = 200;
const emptyShareMax = 0.25;

/**
 * Pages by row, with the data of every signal. New pages get increasing row numbers. The rows of removed
 * pages stay empty until compaction.
 */
export class PageIndex {
  readonly words = new WordIndex();
  readonly #reader = new TermReader(this.words);
  readonly order = new PageOrder();
  readonly segments = new SegmentIndex();
  /** 1 for a page that says when something happened. */
  readonly #naming = growableBytes();
  readonly #languages = new Map<Language, number>();
  readonly #rows = new Map<PageId, number>();
  readonly #ids: (PageId | null)[] = [];
  readonly #projects: (string | null)[] = [];
  #inProjects = 0;
  /** Number of pages being read. The numbers of terms must not change while it is above 0. */
  #adding = 0;

  /** One more than the highest row. */
  get rows(): number {
    return this.#ids.length;
  }

  get pages(): number {
    return this.#rows.size;
  }

  has(id: PageId): boolean {
    return this.#rows.has(id);
  }

  rowOf(id: PageId): number | undefined {
    return this.#rows.get(id);
  }

  /** Null for the row of a removed page. */
  idOf(row: number): PageId | null {
    return this.#ids[row] ?? null;
  }

  /** Whether the page of a row says when something happened. */
  namesTime(row: number): boolean {
    return this.#naming.values[row] === 1;
  }

  /** The rarity of a term; the maximum rarity for a term that no page has. */
  worthOf(term: string): number {
    const id = this.words.find(term);
    return id === undefined ? this.words.rarityMax : this.words.rarity(id);
  }

  /** The project of a row's page; null if it has none. */
  projectOf(row: number): string | null {
    return this.#projects[row] ?? null;
  }

  /** The projects of the pages that have one of these terms; null stands for pages without a project. */
  projectsWith(terms: readonly number[]): Set<string | null> {
    const projects = new Set<string | null>();
    for (const term of terms) {
      this.words.postings.visit(term, (pool, from, to) => {
        for (let i = from; i < to; i++) {
          const row = rowOfPosting(pool[i] ?? 0);
          if (this.idOf(row) !== null) projects.add(this.projectOf(row));
        }
      });
    }
    return projects;
  }

  /** Whether any page has a project. */
  get hasProjects(): boolean {
    return this.#inProjects > 0;
  }

  /** Languages of Latin-script words that occur on many pages. */
  languages(): Language[] {
    return languagesOfMany(this.#languages, this.#ids.length);
  }

  /** Whether any page is from this period. */
  holds(startMs: number, endMs: number): boolean {
    return this.order.holds(startMs, endMs);
  }

  /** The pages of a segment, even if the state no longer contains it. */
  pagesIn(segment: SegmentId): PageId[] {
    return this.segments.pagesIn(segment).flatMap((row) => this.idOf(row) ?? []);
  }

  /** Sets the segment of a page. */
  place(id: PageId, segment: SegmentId): void {
    const row = this.#rows.get(id);
    if (row !== undefined) this.segments.place(row, segment);
  }

  /** Sets the dialogue chain of a page. */
  chain(id: PageId, chain: ChainId): void {
    const row = this.#rows.get(id);
    if (row !== undefined) this.order.setChain(row, chain);
  }

  /** Returns the page's row. */
  add(page: Page): number {
    const adding = this.addInPieces(page);
    let step = adding.next();
    while (step.done !== true) step = adding.next();
    return step.value;
  }

  /**
   * Like {@link add}, but yields after each piece of a long text. The page is in the index only after the
   * last piece.
   */
  *addInPieces(page: Page): Generator<void, number> {
    this.#adding += 1;
    const read = yield* this.#reader.read(...searchedTexts(page));
    this.#adding -= 1;
    return this.#enter(
      {
        id: page.id,
        atMs: Date.parse(page.timestamp),
        chainId: page.chain_id,
        project: projectOf(page),
        namesTime: saysWhen(page),
      },
      read,
    );
  }

  /** Adds a page whose terms are already known. */
  addRead(page: Pick<CandidatePage, 'id' | 'atMs' | 'chainId' | 'project' | 'terms'>): number {
    const { language, namesTime, ...sides } = page.terms;
    const idsOf = (terms: readonly string[]) => terms.map((term) => this.words.idOf(term));
    const { user, agent, beside } = sides;
    return this.#enter(
      { ...page, namesTime },
      { language: language as Language, user: idsOf(user), agent: idsOf(agent), beside: idsOf(beside) },
    );
  }

  #enter(
    { id, atMs, chainId, project, namesTime }: Entered,
    { language, user, agent, beside }: ReadPage,
  ): number {
    const row = this.#ids.length;
    this.#ids.push(id);
    this.#projects.push(project);
    if (project !== null) this.#inProjects += 1;
    this.#rows.set(id, row);
    this.#languages.set(language, (this.#languages.get(language) ?? 0) + 1);
    this.words.add(row, user, agent, beside);
    this.#naming.push(namesTime ? 1 : 0);
    this.order.insert(row, atMs, id);
    this.order.setChain(row, chainId);
    return row;
  }

  /** Takes the statistics of a whole memory, of which only some pages are here. They are kept until a page is added. */
  standFor(whole: IndexStatistics): void {
    this.words.standFor(whole);
    this.#inProjects = whole.inProjects;
  }

  /** Whether there are so many empty rows that compaction is worth its cost. */
  get wasteful(): boolean {
    const empty = this.#ids.length - this.#rows.size;
    return this.#adding === 0 && empty > emptyRowsMin && empty > this.#ids.length * emptyShareMax;
  }

  /** Removes empty rows. Returns the new row of each old row; -1 for a removed row. */
  compact(): Int32Array {
    const renumbered = new Int32Array(this.#ids.length).fill(-1);
    let row = 0;
    this.#ids.forEach((id, before) => {
      if (id === null) return;
      renumbered[before] = row;
      this.#ids[row] = id;
      this.#projects[row] = this.#projects[before] ?? null;
      this.#rows.set(id, row);
      this.#naming.values[row] = this.#naming.values[before] ?? 0;
      row += 1;
    });
    this.#ids.length = row;
    this.#projects.length = row;
    this.#naming.length = row;
    this.words.compact(renumbered);
    this.#reader.forget();
    this.order.compact(renumbered);
    this.segments.compact(renumbered);
    return renumbered;
  }

  /** Returns the page's former row, if any. */
  remove(id: PageId): number | undefined {
    const row = this.#rows.get(id);
    if (row === undefined) return undefined;
    this.#rows.delete(id);
    this.segments.take(row);
    this.#ids[row] = null;
    if (this.#projects[row] !== null) this.#inProjects -= 1;
    this.#projects[row] = null;
    this.words.remove(row);
    this.order.remove(row);
    return row;
  }
}

/** A page without its words. */
type Entered = Pick<CandidatePage, 'id' | 'atMs' | 'chainId' | 'project'> & Pick<PageTerms, 'namesTime'>;

/** The searched texts of a page: the user's side with the metadata, and the agent's side. */
export function searchedTexts(page: Page): [user: string, agent: string] {
  return [[page.user_input, ...textsIn(withoutOrigin(page.meta_data))].join('\n'), page.agent_response];
}

/** Whether a page says when something happened. */
export function saysWhen({ user_input, agent_response }: Page): boolean {
  return [user_input, agent_response].some((side) => namesTime(side.slice(0, timeCharactersMax)));
}

/** Length of a side's text that is searched for times. */
const timeCharactersMax = 64 * 1024;
/** Longer pages are read in the background, piece by piece. */
const longCharactersMin = 64 * 1024;

export function isLong(page: Page): boolean {
  return page.user_input.length + page.agent_response.length >= longCharactersMin;
}

/** The embedded text of a page. */
export function embeddedText(page: Page): string {
  return `${page.user_input}\n${page.agent_response}`.trim();
}

/** Removes the ids of sessions and records from the metadata, because they are not words of the page. */
function withoutOrigin(metaData: Page['meta_data']): Json {
  const { [originKey]: _origin, ...rest } = metaData;
  return rest;
}

function textsIn(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
