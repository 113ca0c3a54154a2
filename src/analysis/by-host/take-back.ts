import * as z from 'zod';
import { MemoryError } from '../../model/errors.js';
import type { PageId, SegmentId } from '../../model/ids.js';
import { everyFact, type Fact } from '../../model/knowledge.js';
import type { Page } from '../../model/page.js';
import type { SegmentHead } from '../../model/segment.js';
import type { FactChecker, FactDraft, TraitDraft } from '../../ports/analyser.js';
import type { Slices } from '../../ports/store.js';
import { dimensionFrom } from '../../prompts/analyse-segment.js';
import { labelsSchema, listOf, readJson, wordsSchema } from '../../prompts/json-answer.js';
import { normaliseKeywords } from '../../tiers/join.js';
import type { Notes } from '../../tiers/noting.js';
import { isForgottenNote } from '../../tiers/noting.js';
import { ownWords } from '../builtin/own-words.js';
import { isEnglish } from '../builtin/reading.js';
import { plainSentence, textFault } from '../checks/clean-text.js';
import { contentWords, evidenceOf, saidIn, supportOf } from '../checks/evidence.js';
import { findQuote } from '../checks/quote.js';
import { factLabel, pageLabel } from './hand-out.js';
import { draftsOf, type PlacedFact } from './noted-facts.js';

const answerCharactersMax = 256 * 1024;
const entriesMax = 50;
const shownCharactersMax = 120;
const reasonCharactersMax = 600;
const themeCharactersMax = 100;
const summaryCharactersMax = 1_200;
const reasonSupportMin = 0.3;

const text = z.string().nullish();
/** Entries are checked one by one, so that a malformed one does not spoil the others. */
const answerSchema = z.object({
  pages: labelsSchema,
  facts: listOf(z.unknown()),
  traits: listOf(z.unknown()),
  topics: listOf(z.unknown()),
});
const factSchema = z.object({
  page: z.string(),
  about: text,
  fact: z.string(),
  quote: text,
  when: text,
  replaces: text,
});
const traitSchema = z.object({
  page: z.string(),
  dimension: z.string(),
  level: z.string(),
  reason: z.string(),
  quote: z.string(),
});
const topicSchema = z.object({
  pages: labelsSchema,
  theme: z.string(),
  keywords: wordsSchema,
  summary: z.string(),
});

export interface Rejected {
  readonly what: string;
  readonly reason: string;
}

export interface TakenBack {
  readonly notes: Notes;
  readonly rejected: readonly Rejected[];
}

/**
 * Checks the host's answer against the pages it names (among those that wait). Unusable entries are rejected
 * with a reason; all others are kept. Throws INPUT_INVALID when the answer is not the requested JSON, and
 * errors of the checker.
 */
export async function takeBack(
  answer: string,
  known: Known,
  checker: FactChecker,
  signal?: AbortSignal,
): Promise<TakenBack> {
  const reading = new AnswerReading(parse(answer), known);
  const facts = await reading.facts(checker, signal);
  const notes = { facts, traits: reading.traits(), heads: reading.heads(), pageIds: reading.pageIds() };
  return { notes, rejected: reading.rejected };
}

type Known = Pick<Slices, 'waiting' | 'heads' | 'facts' | 'tombstones'>;

/** One answer, while it is checked. */
class AnswerReading {
  readonly rejected: Rejected[] = [];
  readonly #answer: z.infer<typeof answerSchema>;
  readonly #known: Known;
  readonly #waiting: readonly Page[];
  readonly #facts: readonly Fact[];

  constructor(answer: z.infer<typeof answerSchema>, known: Known) {
    this.#answer = answer;
    this.#known = known;
    this.#waiting = known.waiting.map(({ page }) => page);
    this.#facts = everyFact(known.facts).filter((fact) => fact.superseded_by === null);
  }

  async facts(checker: FactChecker, signal: AbortSignal | undefined): Promise<FactDraft[]> {
    const placed = this.#entries('fact', this.#answer.facts, factSchema).flatMap((given) =>
      this.#placed(given),
    );
    const checked = await draftsOf(placed, checker, signal);
    for (const { fact, reason } of checked.refused) this.#reject(fact, reason);
    return checked.drafts.filter((draft) => {
      const isForgotten = isForgottenNote(this.#known.tombstones, draft);
      if (isForgotten) this.#reject(draft.knowledge, 'was forgotten or corrected by the user');
      return !isForgotten;
    });
  }

  traits(): TraitDraft[] {
    return this.#entries('trait', this.#answer.traits, traitSchema).flatMap((given): TraitDraft[] => {
      const fault = traitFault(given, this.#pageOf(given.page));
      if (typeof fault !== 'string') return [fault];
      this.#reject(`trait ${given.dimension}`, fault);
      return [];
    });
  }

  heads(): Notes['heads'][number][] {
    return this.#entries('topic', this.#answer.topics, topicSchema).flatMap((given) => {
      const pages = given.pages.flatMap((label) => this.#pageOf(label) ?? []);
      const head = headOf(given, pages, this.#known);
      if (typeof head !== 'string') return [head];
      this.#reject(`topic ${given.theme}`, head);
      return [];
    });
  }

  pageIds(): PageId[] {
    const ids = this.#answer.pages.flatMap((label) => {
      const page = this.#pageOf(label);
      if (page === undefined) this.#reject(`page ${label}`, 'no such page is waiting');
      return page === undefined ? [] : [page.id];
    });
    return [...new Set(ids)];
  }

  #placed(given: z.infer<typeof factSchema>): PlacedFact[] {
    const page = this.#pageOf(given.page);
    const replaced = given.replaces ? only(this.#facts, given.replaces, factLabel) : undefined;
    if (page === undefined) this.#reject(given.fact, `no page ${given.page.slice(0, 20)} is waiting`);
    if (given.replaces && replaced === undefined)
      this.#reject(
        given.fact,
        `there is no fact ${given.replaces.slice(0, 20)}; it was stored without replacing one`,
      );
    if (page === undefined) return [];
    return [
      {
        page,
        fact: given.fact,
        about: given.about ?? undefined,
        quote: given.quote ?? undefined,
        when: given.when ?? undefined,
        replaces: replaced?.id,
      },
    ];
  }

  #pageOf(label: string): Page | undefined {
    return only(this.#waiting, label, pageLabel);
  }

  #entries<T>(kind: string, list: readonly unknown[], schema: z.ZodType<T>): T[] {
    if (list.length > entriesMax) this.#reject(kind, `more than ${entriesMax}; the rest was ignored`);
    return list.slice(0, entriesMax).flatMap((entry) => {
      const read = schema.safeParse(entry);
      if (!read.success) this.#reject(`${kind} ${JSON.stringify(entry)}`, 'not in the requested form');
      return read.success ? [read.data] : [];
    });
  }

  #reject(what: string, reason: string): void {
    this.rejected.push({ what: what.slice(0, shownCharactersMax).toWellFormed(), reason });
  }
}

function parse(answer: string): z.infer<typeof answerSchema> {
  if (answer.length > answerCharactersMax) {
    throw new MemoryError(
      'INPUT_INVALID',
      `answer has ${answer.length} characters; at most ${answerCharactersMax} are allowed. Return it in parts. Nothing was stored.`,
    );
  }
  const json = readJson(answer);
  const read = json.ok ? answerSchema.safeParse(json.value) : undefined;
  if (read?.success === true) return read.data;
  throw new MemoryError(
    'INPUT_INVALID',
    `answer is not the requested JSON: ${json.ok ? 'it is not an object with pages, facts, traits and topics' : json.problem}. Nothing was stored; call consolidate_memory without answer to see the pages and the form again.`,
  );
}

/** The only entry with this label; undefined when there are none or several. */
function only<T>(list: readonly T[], label: string, labelOf: (one: T) => string): T | undefined {
  const wanted = label.trim().toLowerCase();
  const found = list.filter((one) => labelOf(one).toLowerCase() === wanted);
  return found.length === 1 ? found[0] : undefined;
}

/** The trait, or why it is refused. It must rest on the user's words on the page. */
function traitFault(given: z.infer<typeof traitSchema>, page: Page | undefined): TraitDraft | string {
  const place = dimensionFrom(given.dimension);
  if (page === undefined) return `no page ${given.page.slice(0, 20)} is waiting`;
  if (place === undefined) return 'unknown dimension';
  const level = /^(high|medium|low)$/i.exec(given.level.trim())?.[1]?.toLowerCase();
  if (level === undefined) return 'level must be high, medium or low';
  const reason = plainSentence(given.reason);
  const fault = textFault(reason, reasonCharactersMax);
  if (fault !== null) return fault === 'too_long' ? 'the reason is too long' : 'the reason says nothing';
  if (findQuote(page.user_input, given.quote) === null) return 'the quote is not among the words of the user';
  const own = ownWords(page.user_input);
  if ('refused' in own) return own.refused;
  const evidence = evidenceOf(saidIn(page));
  const isSameLanguage =
    evidence.language === evidenceOf([reason]).language && isEnglish(reason) === isEnglish(given.quote);
  if (
    isSameLanguage &&
    contentWords(reason, evidence).length > 0 &&
    supportOf(reason, evidence) < reasonSupportMin
  )
    return 'the page does not say that';
  return {
    ...place,
    level: level === 'high' ? 'High' : level === 'low' ? 'Low' : 'Medium',
    reason,
    page_ids: [page.id],
  };
}

/**
 * The segment's head as the topic describes it, or why it is refused. The topic must belong to a single
 * segment.
 */
function headOf(
  topic: z.infer<typeof topicSchema>,
  pages: readonly Page[],
  { waiting, heads }: Pick<Slices, 'waiting' | 'heads'>,
): Notes['heads'][number] | string {
  const named = new Set(pages);
  const ids = new Set<SegmentId>(
    waiting.flatMap(({ page, segmentId }) => (segmentId !== null && named.has(page) ? [segmentId] : [])),
  );
  const [id, ...others] = ids;
  if (id === undefined)
    return 'its pages are still in short-term memory; topics are formed when pages leave it';
  if (others.length > 0) return 'its pages are already in different topics';
  const segment = heads.get(id);
  const theme = plainSentence(topic.theme);
  const summary = plainSentence(topic.summary);
  if (segment === undefined || textFault(theme, themeCharactersMax) !== null) return 'the theme says nothing';
  if (textFault(summary, summaryCharactersMax) !== null) return 'the summary says nothing, or is too long';
  const isWhole = named.size === segment.size;
  return { id, ...describe(segment.head, { theme, summary, keywords: topic.keywords }, isWhole) };
}

/** A topic of all pages of a segment replaces its description; a topic of some pages extends it. */
function describe(
  head: SegmentHead,
  topic: Pick<SegmentHead, 'theme' | 'summary' | 'keywords'>,
  isWhole: boolean,
): Pick<SegmentHead, 'theme' | 'summary' | 'keywords'> {
  return {
    theme: isWhole ? topic.theme : head.theme,
    summary: isWhole
      ? topic.summary
      : `${topic.summary} ${head.summary}`.slice(0, summaryCharactersMax).toWellFormed(),
    keywords: normaliseKeywords([...topic.keywords, ...head.keywords]),
  };
}
