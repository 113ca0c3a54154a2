import type { PageId } from '../model/ids.js';
import { factsAbout } from '../model/knowledge.js';
import type { Operation } from '../model/operation.js';
import type { SegmentHead } from '../model/segment.js';
import { isForgottenStatement, type Tombstones } from '../model/tombstones.js';
import type { FactDraft, TraitDraft } from '../ports/analyser.js';
import type { Need, Slices } from '../ports/store.js';
import { hostName, planFacts } from './knowledge.js';
import { planTraits } from './profile.js';

/** What the host noted about pages, after checking. */
export interface Notes {
  readonly facts: readonly FactDraft[];
  readonly traits: readonly TraitDraft[];
  /** Segments as the host describes them. */
  readonly heads: readonly Pick<SegmentHead, 'id' | 'theme' | 'summary' | 'keywords'>[];
  /** Pages that need no other analysis now. */
  readonly pageIds: readonly PageId[];
}

/** Whether a note was forgotten or corrected by hand. Such a note is not stored again from an old page. */
export function isForgottenNote(tombstones: Tombstones, draft: FactDraft): boolean {
  return isForgottenStatement(tombstones, draft.knowledge, draft.told_at);
}

/** What {@link commitNotes} needs to read. */
export function needOfNotes({ facts, traits, heads, pageIds }: Notes) {
  const cited = [...facts.map((draft) => draft.page_id), ...traits.flatMap((draft) => draft.page_ids)];
  return {
    pages: [...new Set([...cited, ...pageIds])],
    heads: heads.map(({ id }) => id),
    facts: [...new Set(facts.map((draft) => draft.assistant_id))],
    profile: true,
    tombstones: true,
  } satisfies Need;
}

/**
 * Stores notes in long-term memory. Notes about pages and segments that have been removed meanwhile are
 * ignored.
 */
export function commitNotes(
  known: Pick<Slices, 'pages' | 'heads' | 'facts' | 'profile' | 'tombstones'>,
  notes: Notes,
  capacityFacts: number,
  nowMs: number,
): Operation[] {
  const at = new Date(nowMs).toISOString();
  const isHere = (id: PageId) => known.pages.has(id);
  const facts = notes.facts.filter((draft) => isHere(draft.page_id));
  const context = {
    // A note never waits for an embedder. Only the analysis of a segment compares meanings.
    vectorOf: () => undefined,
    capacityFacts,
    nowMs,
    analysedBy: hostName,
    isForgotten: (draft: FactDraft) => isForgottenNote(known.tombstones, draft),
  };
  const owners = [...new Set(facts.map((draft) => draft.assistant_id))];
  const traits = notes.traits.filter((draft) => draft.page_ids.every(isHere));
  const noted = notes.pageIds.filter((id) => isHere(id) && known.pages.get(id)?.page.noted !== true);
  return [
    ...notes.heads.flatMap((described): Operation[] => {
      const head = known.heads.get(described.id)?.head;
      const described_ = { ...described, updated_at: at, analysed_by: hostName };
      return head === undefined ? [] : [{ op: 'segment_put', head: { ...head, ...described_ } }];
    }),
    ...planTraits(known.profile, traits, at, hostName),
    ...owners.flatMap((owner) =>
      planFacts(
        factsAbout(known.facts, owner),
        facts.filter((draft) => draft.assistant_id === owner),
        context,
      ),
    ),
    ...(noted.length > 0 ? [{ op: 'pages_noted' as const, page_ids: noted }] : []),
  ];
}
