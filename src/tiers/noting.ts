import type { AssistantId, PageId } from '../model/ids.js';
import type { Fact } from '../model/knowledge.js';
import type { Operation } from '../model/operation.js';
import type { SegmentHead } from '../model/segment.js';
import { isForgottenStatement } from '../model/tombstones.js';
import { findPage, type UserState } from '../model/user-state.js';
import type { FactDraft, TraitDraft } from '../ports/analyser.js';
import { hostName, planFacts } from './knowledge.js';
import { planTraits } from './profile.js';

/** What the host noted of pages, checked already. */
export interface Notes {
  readonly facts: readonly FactDraft[];
  readonly traits: readonly TraitDraft[];
  /** Segments as the host describes them. */
  readonly heads: readonly Pick<SegmentHead, 'id' | 'theme' | 'summary' | 'keywords'>[];
  /** Pages that need no other analysis now. */
  readonly pageIds: readonly PageId[];
}

/** Whether a note was forgotten or corrected by hand: it does not come back by being read off an old page. */
export function isForgottenNote(state: UserState, draft: FactDraft): boolean {
  return isForgottenStatement(state.tombstones, draft.knowledge, draft.told_at);
}

/** What brings notes into long-term memory. Notes on pages and segments that have gone meanwhile are left out. */
export function commitNotes(
  state: UserState,
  notes: Notes,
  capacityFacts: number,
  nowMs: number,
): Operation[] {
  const at = new Date(nowMs).toISOString();
  const isHere = (id: PageId) => findPage(state, id) !== undefined;
  const facts = notes.facts.filter((draft) => isHere(draft.page_id));
  const context = {
    // A note never waits for an embedder; sameness of meaning is for the analysis of a segment.
    vectorOf: () => undefined,
    capacityFacts,
    nowMs,
    analysedBy: hostName,
    isForgotten: (draft: FactDraft) => isForgottenNote(state, draft),
  };
  const owners = [...new Set(facts.map((draft) => draft.assistant_id))];
  const traits = notes.traits.filter((draft) => draft.page_ids.every(isHere));
  const noted = notes.pageIds.filter((id) => isHere(id) && findPage(state, id)?.noted !== true);
  return [
    ...notes.heads.flatMap((described): Operation[] => {
      const head = state.segments.get(described.id)?.head;
      const described_ = { ...described, updated_at: at, analysed_by: hostName };
      return head === undefined ? [] : [{ op: 'segment_put', head: { ...head, ...described_ } }];
    }),
    ...planTraits(state.profile, traits, at, hostName),
    ...owners.flatMap((owner) =>
      planFacts(
        knownFacts(state, owner),
        facts.filter((draft) => draft.assistant_id === owner),
        context,
      ),
    ),
    ...(noted.length > 0 ? [{ op: 'pages_noted' as const, page_ids: noted }] : []),
  ];
}

function knownFacts(state: UserState, owner: AssistantId | null): readonly Fact[] {
  return owner === null ? state.userKnowledge : (state.assistantKnowledge.get(owner) ?? []);
}
