import { MemoryError } from '../model/errors.js';
import type { AssistantId, SegmentId } from '../model/ids.js';
import type { Fact } from '../model/knowledge.js';
import type { Operation } from '../model/operation.js';
import type { Page } from '../model/page.js';
import type { Segment } from '../model/segment.js';
import { isForgottenStatement } from '../model/tombstones.js';
import type { UserState } from '../model/user-state.js';
import type { Analyser, SegmentAnalysis } from '../ports/analyser.js';
import type { Embedder } from '../ports/embedder.js';
import { type KnowledgeContext, planFacts } from './knowledge.js';
import { planTraits } from './profile.js';

export interface PromotionContext {
  readonly analyser: Analyser;
  readonly embedder: Embedder;
  readonly capacityFacts: number;
  readonly signal: AbortSignal;
}

/** Analysed and embedded, not yet written. */
export interface PromotionPlan {
  readonly segmentId: SegmentId;
  readonly pages: readonly Page[];
  readonly analysis: SegmentAnalysis;
  readonly vectors: ReadonlyMap<string, Float32Array>;
}

/**
 * The slow half: what the unanalysed pages of a segment say about the user and the assistants. Nothing is
 * written. Throws what the analyser and the embedder throw.
 */
export async function planPromotion(
  state: UserState,
  segment: Segment,
  context: PromotionContext,
): Promise<PromotionPlan> {
  const { analyser, embedder, signal } = context;
  const pages = segment.pages.filter((page) => !page.analysed);
  const assistants = [...new Set(pages.map((page) => page.assistant_id))];
  const relatedFacts = [null, ...assistants].flatMap((owner) => currentFacts(state, owner));
  const input = { head: segment.head, pages, profile: [...state.profile.values()], relatedFacts };
  const analysis = await analyser.analyseSegment(input, signal);
  // A trait may also rest on the pages it rested on before, and on those of known facts.
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

/** The quick half, inside a transaction. Throws CONFLICT when the segment or a page of it has gone meanwhile. */
export function commitPromotion(
  state: UserState,
  plan: PromotionPlan,
  capacityFacts: number,
  nowMs: number,
): Operation[] {
  const segment = state.segments.get(plan.segmentId);
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
      isForgottenStatement(state.tombstones, draft.knowledge, saidAt.get(draft.page_id) ?? at),
  };
  const owners = [...new Set(analysis.facts.map((fact) => fact.assistant_id))];
  return [
    ...planTraits(state.profile, analysis.traits, at, analysis.analysed_by),
    ...owners.flatMap((owner) =>
      planFacts(
        knownFacts(state, owner),
        analysis.facts.filter((fact) => fact.assistant_id === owner),
        knowledge,
      ),
    ),
    { op: 'pages_analysed', segment_id: plan.segmentId, page_ids: plan.pages.map((page) => page.id) },
  ];
}

function knownFacts(state: UserState, owner: AssistantId | null): readonly Fact[] {
  return owner === null ? state.userKnowledge : (state.assistantKnowledge.get(owner) ?? []);
}

function currentFacts(state: UserState, owner: AssistantId | null): Fact[] {
  return knownFacts(state, owner).filter((fact) => fact.superseded_by === null);
}
