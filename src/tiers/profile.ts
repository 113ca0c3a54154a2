import type { Operation } from '../model/operation.js';
import {
  type ProfileGroup,
  profileDimensions,
  profileGroups,
  type Trait,
  traitKey,
} from '../model/profile.js';
import type { TraitDraft } from '../ports/analyser.js';

const evidencePagesMax = 12;

const groupTitles: Record<ProfileGroup, string> = {
  needs_and_personality: 'Basic needs and personality',
  ai_alignment: 'AI alignment',
  content_interests: 'Content interests',
};

/**
 * The operations that store the drafts in the profile. A draft replaces only the trait of its own dimension.
 */
export function planTraits(
  profile: ReadonlyMap<string, Trait>,
  drafts: readonly TraitDraft[],
  at: string,
  analysedBy: string,
): Operation[] {
  return drafts.map((draft) => {
    const before = profile.get(traitKey(draft));
    const pageIds = [...new Set([...(before?.page_ids ?? []), ...draft.page_ids])].slice(-evidencePagesMax);
    return {
      op: 'trait_put',
      trait: { ...draft, page_ids: pageIds, updated_at: at, analysed_by: analysedBy },
    };
  });
}

/** The profile as text with one heading for each group, in the order of the paper; '' when it is empty. */
export function renderProfile(profile: ReadonlyMap<string, Trait>): string {
  const sections = profileGroups.map((group) => {
    const traits = profileDimensions[group].map((dimension) => profile.get(traitKey({ group, dimension })));
    const lines = traits.flatMap((t) =>
      t === undefined ? [] : [`- ${t.dimension}: ${t.level}. ${t.reason}`],
    );
    return lines.length === 0 ? [] : [`${groupTitles[group]}\n${lines.join('\n')}`];
  });
  return sections.flat().join('\n\n');
}
