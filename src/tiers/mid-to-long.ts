import { MemoryError } from '../model/errors.js';
import type { SegmentId } from '../model/ids.js';
import { currentFactsAbout, factsAbout } from '../model/knowledge.js';
import type { Operation } from '../model/operation.js';
import type { Page } from '../model/page.js';
import { isForgottenStatement } from '../model/tombstones.js';
import type { Analyser, SegmentAnalysis } from '../ports/analyser.js';
import type { Embedder } from '../ports/embedder.js';
import type { Need, Slices, WholeSegment } from '../ports/store.js';
import { type KnowledgeContext, planFacts } from './knowledge.js';
import { planTraits } from './profile.js';

export interface PromotionContext {
  readonly analyser: Analyser;
  readonly embedder: Embedder;
  readonly capacityFacts: number;
  readonly signal: AbortSignal;
}

/** Analysed and embedded, but not yet written. */
export interface PromotionPlan {
  readonly segmentId: SegmentId;
  readonly pages: readonly Page[];
  readonly analysis: SegmentAnalysis;
  readonly vectors: ReadonlyMap<string, Float32Array>;
}

/** What {@link planPromotion} needs to read. */
export function needOfPromotion(segmentId: SegmentId) {
  return { segments: [segmentId], facts: 'all', profile: true } as const satisfies Need;
}

/**
 * The slow step: extracts what the unanalysed pages of a segment say about the user and the assistants.
 * Writes nothing. Throws the errors of the analyser and the embedder.
 */
export async function planPromotion(
  { facts, profile: traits }: Pick<Slices, 'facts' | 'profile'>,
  segment: WholeSegment,
  context: PromotionContext,
): Promise<PromotionPlan> {
  const { analyser, embedder, signal } = context;
  const pages = segment.pages.filter((page) => !page.analysed);
  const assistants = [...new Set(pages.map((page) => page.assistant_id))];
  const relatedFacts = [null, ...assistants].flatMap((owner) => currentFactsAbout(facts, owner));
  const input = { head: segment.head, pages, profile: [...traits.values()], relatedFacts };
  const analysis = await analyser.analyseSegment(input, signal);
  // A trait may also rest on its earlier pages, and on the pages of known facts.
  const known = new Set([
    ...pages.map((page) => page.id),
    ...input.profile.flatMap((trait) => trait.page_ids),
    ...relatedFacts.flatMap((fact) => fact.page_ids),
  ]);
  const cited = [
    ...analysis.facts.map((fact) => fact.page_id),
    ...analysis.traits.flatMap((trait) => trait.page_ids),
  ];
  if (cited.some((id) => !known.has(id))) {
    throw new MemoryError('MODEL_CONTENT', 'The analysis cites a page it was not given; nothing was stored.');
  }
  const drafted = analysis.facts.map((fact) => fact.knowledge);
  const texts =
    drafted.length === 0 ? [] : [...new Set([...drafted, ...relatedFacts.map((fact) => fact.knowledge)])];
  const vectors = texts.length === 0 ? [] : await embedder.embed(texts, signal);
  return {
    segmentId: segment.head.id,
    pages,
    analysis,
    vectors: new Map(texts.flatMap((text, i) => (vectors[i] === undefined ? [] : [[text, vectors[i]]]))),
  };
}

/** What {@link commitPromotion} needs to read. */
export function needOfPromotionCommit({ segmentId, analysis }: PromotionPlan) {
  return {
    segments: [segmentId],
    facts: [...new Set(analysis.facts.map((fact) => fact.assistant_id))],
    profile: true,
    tombstones: true,
  } as const satisfies Need;
}

/**
 * The fast step, inside a transaction. Throws CONFLICT when the segment or one of its pages has been removed
 * meanwhile.
 */
export function commitPromotion(
  known: Pick<Slices, 'segments' | 'facts' | 'profile' | 'tombstones'>,
  plan: PromotionPlan,
  capacityFacts: number,
  nowMs: number,
): Operation[] {
  const segment = known.segments.get(plan.segmentId);
  const waiting = new Set(segment?.pages.filter((page) => !page.analysed).map((page) => page.id));
  if (!plan.pages.every((page) => waiting.has(page.id))) {
    throw new MemoryError('CONFLICT', 'The segment changed while it was analysed; it is analysed again.');
  }
  const { analysis } = plan;
  const at = new Date(nowMs).toISOString();
  const saidAt = new Map<string, string>(plan.pages.map((page) => [page.id, page.timestamp]));
  const knowledge: KnowledgeContext = {
    vectorOf: (text: string) => plan.vectors.get(text),
    capacityFacts,
    nowMs,
    analysedBy: analysis.analysed_by,
    isForgotten: (draft) =>
      isForgottenStatement(known.tombstones, draft.knowledge, saidAt.get(draft.page_id) ?? at),
  };
  const owners = [...new Set(analysis.facts.map((fact) => fact.assistant_id))];
  return [
    ...planTraits(known.profile, analysis.traits, at, analysis.analysed_by),
    ...owners.flatMap((owner) =>
      planFacts(
        factsAbout(known.facts, owner),
        analysis.facts.filter((fact) => fact.assistant_id === owner),
        knowledge,
      ),
    ),
    { op: 'pages_analysed', segment_id: plan.segmentId, page_ids: plan.pages.map((page) => page.id) },
  ];
}
