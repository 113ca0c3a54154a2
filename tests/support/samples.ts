import { type AssistantId, newPageId, newSegmentId, toAssistantId } from '../../src/model/ids.js';
import type { Page } from '../../src/model/page.js';
import { type Segment, type SegmentHead, segmentOf } from '../../src/model/segment.js';

const assistantId: AssistantId = toAssistantId('default_assistant_profile');

/** A page as short-term memory would hold it. */
export function samplePage(change: Partial<Page> = {}): Page {
  return {
    id: newPageId(Date.parse(change.timestamp ?? '2026-01-01T00:00:00.000Z')),
    user_input: 'I planted tomatoes today.',
    agent_response: 'Lovely! Water them in the morning.',
    timestamp: '2026-01-01T00:00:00.000Z',
    meta_data: {},
    assistant_id: assistantId,
    chain_id: null,
    meta_info: '',
    analysed: false,
    read: false,
    ...change,
  };
}

/** A segment with pages of its own. */
export function sampleSegment(change: Partial<SegmentHead> = {}, pages: Page[] = [samplePage()]): Segment {
  const at = '2026-01-01T00:00:00.000Z';
  const head = {
    id: newSegmentId(Date.parse(at)),
    theme: 'garden',
    summary: 'The user plants tomatoes.',
    keywords: ['garden', 'tomato'],
    created_at: at,
    updated_at: at,
    n_visit: 0,
    last_visit_at: at,
    analysed_by: 'builtin',
    ...change,
  };
  return segmentOf(head, pages);
}

/** Texts that a careless encoding, file format or database changes. */
export const textsOfEveryKind = [
  '\u0000\u001f',
  'half \ud800 pair',
  'الذاكرة 记忆 🧠',
  '"\\\n\r\u2028',
  'x'.repeat(1_000_000),
];
