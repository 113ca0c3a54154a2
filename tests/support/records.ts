import {
  type AssistantId,
  newChainId,
  newFactId,
  newPageId,
  newSegmentId,
  type PageId,
  type SegmentId,
  toAssistantId,
} from '../../src/model/ids.js';
import type { Fact } from '../../src/model/knowledge.js';
import type { Operation } from '../../src/model/operation.js';
import type { Page } from '../../src/model/page.js';
import type { Trait } from '../../src/model/profile.js';
import type { SegmentHead } from '../../src/model/segment.js';

export const someAssistant: AssistantId = toAssistantId('helper');
const instant = '2026-03-01T10:00:00.000Z';

/** A page as `add` makes it. */
export function makePage(text: string, overrides: Partial<Page> = {}): Page {
  return {
    id: newPageId(Date.now()),
    user_input: text,
    agent_response: `answer to ${text}`,
    timestamp: instant,
    meta_data: {},
    assistant_id: someAssistant,
    chain_id: null,
    meta_info: '',
    analysed: false,
    read: false,
    ...overrides,
  };
}

export function makeHead(theme: string, overrides: Partial<SegmentHead> = {}): SegmentHead {
  return {
    id: newSegmentId(Date.now()),
    theme,
    summary: `about ${theme}`,
    keywords: [theme],
    created_at: instant,
    updated_at: instant,
    n_visit: 0,
    last_visit_at: instant,
    analysed_by: 'builtin',
    ...overrides,
  };
}

export function makeFact(knowledge: string, pageIds: PageId[], overrides: Partial<Fact> = {}): Fact {
  return {
    id: newFactId(Date.now()),
    assistant_id: null,
    knowledge,
    timestamp: instant,
    page_ids: pageIds,
    recorded_at: instant,
    told_at: instant,
    quote: null,
    slot: null,
    superseded_by: null,
    analysed_by: 'builtin',
    ...overrides,
  };
}

export function makeTrait(pageIds: [PageId, ...PageId[]], overrides: Partial<Trait> = {}): Trait {
  return {
    group: 'content_interests',
    dimension: 'Music Interest',
    level: 'High',
    reason: 'plays the cello',
    page_ids: pageIds,
    updated_at: instant,
    analysed_by: 'builtin',
    ...overrides,
  };
}

export const added = (page: Page, segmentId: SegmentId | null = null): Operation => ({
  op: 'page_added',
  page,
  segment_id: segmentId,
});

export const migrated = (pageId: PageId, segmentId: SegmentId): Operation => ({
  op: 'page_migrated',
  page_id: pageId,
  segment_id: segmentId,
  chain_id: newChainId(Date.now()),
  meta_info: 'a chain',
});

export const put = (head: SegmentHead): Operation => ({ op: 'segment_put', head });
