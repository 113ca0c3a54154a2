import type { Fact } from '../../model/knowledge.js';
import type { Page } from '../../model/page.js';
import type { ShownFact, ShownPage } from '../../model/results.js';

/** A page in the form that answers show. */
export function shownPage(page: Page): ShownPage {
  return {
    page_id: page.id,
    user_input: page.user_input,
    agent_response: page.agent_response,
    timestamp: page.timestamp,
    meta_info: '',
    ...(Object.keys(page.meta_data).length === 0 ? {} : { meta_data: page.meta_data }),
  };
}

/** A fact in the form that answers show. */
export function shownFact(fact: Fact): ShownFact {
  return {
    fact_id: fact.id,
    knowledge: fact.knowledge,
    timestamp: fact.timestamp,
    page_ids: fact.page_ids,
    current: fact.superseded_by === null,
    ...(fact.pinned === true ? { pinned: true } : {}),
    ...(fact.project === undefined ? {} : { project: fact.project }),
  };
}
