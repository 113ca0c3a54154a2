import { MemoryError } from '../model/errors.js';
import { type ChainId, newChainId, newSegmentId, type SegmentId } from '../model/ids.js';
import type { Operation } from '../model/operation.js';
import type { Page } from '../model/page.js';
import type { SegmentHead, SegmentOutline } from '../model/segment.js';
import type { Analyser, BatchAnalysis } from '../ports/analyser.js';
import type { Embedder } from '../ports/embedder.js';
import type { Need, Slices } from '../ports/store.js';
import {
  byMeaning,
  byWords,
  joined,
  type Nearness,
  normaliseKeywords,
  segmentsToJoin,
  type Topic,
} from './join.js';

const candidatesMax = 10;
const embeddedHereMax = 64;

type VectorsBySegment = ReadonlyMap<SegmentId, Float32Array>;

export interface MigrationContext {
  readonly analyser: Analyser;
  readonly embedder: Embedder;
  /** Vector of a segment's present summary, when the index has one. */
  readonly vectorOf: (id: SegmentId) => Float32Array | undefined;
  readonly similarityMin: number;
  readonly signal: AbortSignal;
}

/** Analysed and embedded, but not yet written. */
export interface MigrationPlan {
  readonly pages: readonly Page[];
  readonly previous: Page | null;
  /** The segments as the analyser saw them. */
  readonly candidates: readonly SegmentHead[];
  readonly analysis: BatchAnalysis;
  readonly topics: readonly Topic[];
  /** Vectors of segments that the index has none of yet. */
  readonly vectors: VectorsBySegment;
}

/** What {@link planMigration} needs to read. */
export const needOfMigration = { lastMigrated: true, heads: 'all' } as const satisfies Need;

/**
 * The slow step: determines what the batch is about. Writes nothing and may take as long as a model takes.
 * Throws the errors of the analyser and the embedder.
 */
export async function planMigration(
  known: Pick<Slices, 'lastMigrated' | 'heads'>,
  pages: readonly [Page, ...Page[]],
  context: MigrationContext,
): Promise<MigrationPlan> {
  const { analyser, embedder, signal } = context;
  const previous = known.lastMigrated.page;
  const missing = await missingVectors(known.heads, context);
  const [vector] = await embedder.embed([pages.map(textOf).join('\n')], signal);
  const probe = { theme: '', content: '', keywords: new Set<string>(), vector: vector ?? new Float32Array() };
  const vectorOf = ({ head }: SegmentOutline) => context.vectorOf(head.id) ?? missing.get(head.id);
  const candidates = segmentsToJoin(probe, known.heads.values(), byMeaning(vectorOf), 0)
    .slice(0, candidatesMax)
    .map(({ head }) => head);
  const analysis = await analyser.analyseBatch({ pages, previous, candidates }, signal);
  checkCoverage(pages, analysis);
  const vectors = await embedder.embed(
    analysis.topics.map((topic) => topic.content),
    signal,
  );
  const topics = analysis.topics.map((topic, index) => ({
    theme: topic.theme,
    content: topic.content,
    keywords: new Set(normaliseKeywords(topic.keywords)),
    vector: vectors[index] ?? new Float32Array(embedder.dimensions),
  }));
  return { pages, previous, candidates, analysis, topics, vectors: missing };
}

/** What {@link commitMigration} needs to read. */
export function needOfMigrationCommit({ pages }: MigrationPlan) {
  return { ...needOfMigration, oldest: pages.length } satisfies Need;
}

/**
 * The fast step, inside a transaction. Throws CONFLICT when the state has changed so that the plan no longer
 * fits; the caller then plans again.
 */
export function commitMigration(
  known: Pick<Slices, 'oldest' | 'lastMigrated' | 'heads'>,
  plan: MigrationPlan,
  context: Pick<MigrationContext, 'embedder' | 'vectorOf' | 'similarityMin'>,
  nowMs: number,
): Operation[] {
  const isFront = plan.pages.every((page, i) => known.oldest[i]?.id === page.id);
  if (!isFront || !isPrevious(known.lastMigrated.page, plan.previous)) {
    throw new MemoryError(
      'CONFLICT',
      'Short-term memory changed while its pages were analysed; they are analysed again.',
    );
  }
  const at = new Date(nowMs).toISOString();
  const heads = new Map<SegmentId, SegmentHead>();
  const segmentOf = new Map<string, SegmentId>();
  const nearness = nearnessOf(known.heads.values(), plan, context);
  plan.analysis.topics.forEach((analysed, index) => {
    const topic = plan.topics[index];
    if (topic === undefined) return;
    const [target] = segmentsToJoin(topic, known.heads.values(), nearness, context.similarityMin);
    const head =
      target === undefined
        ? openSegment(topic, plan.analysis.analysed_by, nowMs)
        : joined(
            heads.get(target.head.id) ?? target.head,
            topic,
            heads.has(target.head.id) ? undefined : mergedSummary(plan, analysed, target.head),
            at,
            plan.analysis.analysed_by,
          );
    heads.set(head.id, head);
    for (const id of analysed.page_ids) segmentOf.set(id, head.id);
  });
  return [
    ...[...heads.values()].map((head): Operation => ({ op: 'segment_put', head })),
    ...movesOf(plan, segmentOf, nowMs),
  ];
}

function nearnessOf(
  segments: Iterable<SegmentOutline>,
  plan: MigrationPlan,
  { embedder, vectorOf }: Pick<MigrationContext, 'embedder' | 'vectorOf'>,
): Nearness {
  if (embedder.knowsSpellingOnly === true) return byWords(segments);
  return byMeaning(({ head }) => vectorOf(head.id) ?? plan.vectors.get(head.id));
}

function movesOf(plan: MigrationPlan, segmentOf: ReadonlyMap<string, SegmentId>, nowMs: number): Operation[] {
  let chain: ChainId | null = plan.previous?.chain_id ?? null;
  return plan.analysis.pages.map((page) => {
    const segmentId = segmentOf.get(page.page_id);
    if (segmentId === undefined) throw uncovered();
    if (!page.continues || chain === null) chain = newChainId(nowMs);
    return {
      op: 'page_migrated',
      page_id: page.page_id,
      segment_id: segmentId,
      chain_id: chain,
      meta_info: page.meta_info,
    };
  });
}

/**
 * The summary of the previous page is part of this batch's summaries. Forgetting a page of the chain changes
 * it.
 */
function isPrevious(now: Page | null, previous: Page | null): boolean {
  return now?.id === previous?.id && now?.meta_info === previous?.meta_info;
}

/**
 * Undefined when the segment's summary has changed meanwhile, because the merged summary may contain something
 * forgotten since.
 */
function mergedSummary(
  plan: MigrationPlan,
  topic: BatchAnalysis['topics'][number],
  head: SegmentHead,
): string | undefined {
  const seen = plan.candidates.find((candidate) => candidate.id === head.id);
  if (seen?.summary !== head.summary) return undefined;
  return topic.merged.find((merge) => merge.segment_id === head.id)?.summary;
}

function openSegment(topic: Topic, analysedBy: string, nowMs: number): SegmentHead {
  const at = new Date(nowMs).toISOString();
  return {
    id: newSegmentId(nowMs),
    theme: topic.theme,
    summary: topic.content,
    keywords: [...topic.keywords],
    created_at: at,
    updated_at: at,
    n_visit: 0,
    last_visit_at: at,
    analysed_by: analysedBy,
  };
}

/**
 * Embeds the latest segments that the index has no vector of yet. The index itself catches up in the
 * background.
 */
async function missingVectors(heads: Slices['heads'], context: MigrationContext): Promise<VectorsBySegment> {
  const missing = [...heads.values()]
    .filter((segment) => context.vectorOf(segment.head.id) === undefined)
    .sort((a, b) => b.head.updated_at.localeCompare(a.head.updated_at, 'en'))
    .slice(0, embeddedHereMax);
  if (missing.length === 0) return new Map();
  const vectors = await context.embedder.embed(
    missing.map((segment) => segment.head.summary),
    context.signal,
  );
  return new Map(
    missing.flatMap(({ head }, index) => {
      const vector = vectors[index];
      return vector === undefined ? [] : [[head.id, vector]];
    }),
  );
}

/** Invariant: every page of the batch is in exactly one topic, and the answers are in the batch's order. */
function checkCoverage(pages: readonly Page[], analysis: BatchAnalysis): void {
  const claimed = analysis.topics.flatMap((topic) => topic.page_ids);
  const inOrder = pages.every((page, i) => analysis.pages[i]?.page_id === page.id);
  const once = claimed.length === pages.length && new Set(claimed).size === pages.length;
  if (!inOrder || !once || !pages.every((page) => claimed.includes(page.id))) throw uncovered();
}

function uncovered(): MemoryError {
  return new MemoryError(
    'MODEL_CONTENT',
    'The analysis does not put every page into exactly one topic; nothing was stored.',
  );
}

function textOf(page: Page): string {
  return `${page.user_input}\n${page.agent_response}`;
}
