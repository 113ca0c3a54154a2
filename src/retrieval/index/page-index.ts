import { growableBytes } from '../../lib/math/growable.js';
import type { Language } from '../../lib/text/languages.js';
import type { ChainId, PageId, SegmentId } from '../../model/ids.js';
import type { Json } from '../../model/json.js';
import { originKey, type Page, projectOf } from '../../model/page.js';
import type { CandidatePage, PageTerms } from '../../ports/memory-index.js';
import { PageOrder } from '../page-order.js';
import { namesTime } from '../signals/time-words.js';
import { SegmentIndex } from './segment-index.js';
import { type ReadPage, TermReader } from './term-reader.js';
import { WordIndex } from './word-index.js';

/** A language in fewer pages than this share is a misreading of another. */
const languageShareMin = 0.02;

/** Of languages by the number of their pages those that many pages are in. */
export function languagesOfMany(pagesOf: ReadonlyMap<Language, number>, pages: number): Language[] {
  const some = Math.max(1, pages * languageShareMin);
  return [...pagesOf].filter(([, count]) => count >= some).map(([language]) => language);
}

const emptyRowsMin = 200;
const emptyShareMax = 0.25;

/** Pages by row: what each signal looks up. Rows count up; those of removed pages stay empty until compaction. */
export class PageIndex {
  readonly words = new WordIndex();
  readonly #reader = new TermReader(this.words);
  readonly order = new PageOrder();
  readonly segments = new SegmentIndex();
  /** 1 for a page that says when something was. */
  readonly #naming = growableBytes();
  readonly #languages = new Map<Language, number>();
  readonly #rows = new Map<PageId, number>();
  readonly #ids: (PageId | null)[] = [];
  readonly #projects: (string | null)[] = [];
  #inProjects = 0;
  /** Pages that are being read: numbers of terms stay as they are meanwhile. */
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

  /** Whether the page of a row says when something was. */
  namesTime(row: number): boolean {
    return this.#naming.values[row] === 1;
  }

  /** How rare a term is, as rare as can be for one that no page has. */
  worthOf(term: string): number {
    const id = this.words.find(term);
    return id === undefined ? this.words.rarityMax : this.words.rarity(id);
  }

  /** Where the page of a row was said; null outside every project. */
  projectOf(row: number): string | null {
    return this.#projects[row] ?? null;
  }

  /** Whether any page was said in a project. */
  get hasProjects(): boolean {
    return this.#inProjects > 0;
  }

  /** Languages the Latin-script words of many pages are in. */
  languages(): Language[] {
    return languagesOfMany(this.#languages, this.#ids.length);
  }

  /** Whether a page is of this time. */
  holds(startMs: number, endMs: number): boolean {
    return this.order.holds(startMs, endMs);
  }

  /** The pages of a segment, also of one the state no longer has. */
  pagesIn(segment: SegmentId): PageId[] {
    return this.segments.pagesIn(segment).flatMap((row) => this.idOf(row) ?? []);
  }

  /** A page is in this segment now. */
  place(id: PageId, segment: SegmentId): void {
    const row = this.#rows.get(id);
    if (row !== undefined) this.segments.place(row, segment);
  }

  /** A page is part of this dialogue chain now. */
  chain(id: PageId, chain: ChainId): void {
    const row = this.#rows.get(id);
    if (row !== undefined) this.order.setChain(row, chain);
  }

  /** The row it got. */
  add(page: Page): number {
    const adding = this.addInPieces(page);
    let step = adding.next();
    while (step.done !== true) step = adding.next();
    return step.value;
  }

  /** As {@link add}, stopping after each piece of a long text. The page is in the index once it is done. */
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

  /** Adds a page that was read before. */
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

  /** Whether removed pages have left so many empty rows that compacting pays. */
  get wasteful(): boolean {
    const empty = this.#ids.length - this.#rows.size;
    return this.#adding === 0 && empty > emptyRowsMin && empty > this.#ids.length * emptyShareMax;
  }

  /** Closes the gaps of removed pages. Returns the new row of each old one, -1 for removed ones. */
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

  /** The row it had, if any. */
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

/** A page beside its words. */
type Entered = Pick<CandidatePage, 'id' | 'atMs' | 'chainId' | 'project'> & Pick<PageTerms, 'namesTime'>;

/** What of a page is searched: what the user's side says, with the meta data, and what the agent's side says. */
export function searchedTexts(page: Page): [user: string, agent: string] {
  return [[page.user_input, ...textsIn(withoutOrigin(page.meta_data))].join('\n'), page.agent_response];
}

/** Whether a page says when something was. */
export function saysWhen({ user_input, agent_response }: Page): boolean {
  return [user_input, agent_response].some((side) => namesTime(side.slice(0, timeCharactersMax)));
}

/** Of a side, so much is looked at for times. */
const timeCharactersMax = 64 * 1024;
/** Longer pages are read in the background, a piece at a time. */
const longCharactersMin = 64 * 1024;

export function isLong(page: Page): boolean {
  return page.user_input.length + page.agent_response.length >= longCharactersMin;
}

/** What of a page is embedded. */
export function embeddedText(page: Page): string {
  return `${page.user_input}\n${page.agent_response}`.trim();
}

/** Ids of sessions and records are no words of the page. */
function withoutOrigin(metaData: Page['meta_data']): Json {
  const { [originKey]: _origin, ...rest } = metaData;
  return rest;
}

function textsIn(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
