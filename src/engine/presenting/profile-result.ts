import type { AssistantId, UserId } from '../../model/ids.js';
import { factsAbout } from '../../model/knowledge.js';
import type { ProfileResult } from '../../model/results.js';
import type { Slices } from '../../ports/store.js';
import { renderProfile } from '../../tiers/profile.js';
import type { ProfileInput } from '../memory-engine.js';
import { shownFact } from './shown-records.js';

/** The answer of `get_user_profile`. */
export function profileResult(
  known: Pick<Slices, 'profile' | 'facts'>,
  asked: ProfileInput,
  about: { userId: UserId; assistantId: AssistantId; analyser: string; nowMs: number; notices: string[] },
): ProfileResult {
  const userFacts = factsAbout(known.facts, null).map(shownFact);
  const assistantFacts = factsAbout(known.facts, about.assistantId).map(shownFact);
  return {
    status: 'success',
    timestamp: new Date(about.nowMs).toISOString(),
    user_id: about.userId,
    assistant_id: about.assistantId,
    user_profile: renderProfile(known.profile),
    analyser: about.analyser,
    // What was not requested is absent, as with the Python server. A count of 0 would say that nothing is
    // known.
    ...(asked.includeKnowledge === false
      ? {}
      : { user_knowledge: userFacts, user_knowledge_count: userFacts.length }),
    ...(asked.includeAssistantKnowledge === true
      ? { assistant_knowledge: assistantFacts, assistant_knowledge_count: assistantFacts.length }
      : {}),
    notices: about.notices,
  };
}
