import { newPageId, newSegmentId, toAssistantId } from '../../src/model/ids.js';
import type { Page } from '../../src/model/page.js';
import { type Segment, type SegmentHead, segmentOf } from '../../src/model/segment.js';
import { makeHead, makePage } from './records.js';

const newYear = '2026-01-01T00:00:00.000Z';

/** A page as in short-term memory. */
export function samplePage(change: Partial<Page> = {}): Page {
  return makePage('I planted tomatoes today.', {
    id: newPageId(Date.parse(change.timestamp ?? newYear)),
    agent_response: 'Lovely! Water them in the morning.',
    timestamp: newYear,
    assistant_id: toAssistantId('default_assistant_profile'),
    ...change,
  });
}

/** A segment with pages of its own. */
export function sampleSegment(change: Partial<SegmentHead> = {}, pages: Page[] = [samplePage()]): Segment {
  const head = makeHead('garden', {
    id: newSegmentId(Date.parse(newYear)),
    summary: 'The user plants tomatoes.',
    keywords: ['garden', 'tomato'],
    created_at: newYear,
    updated_at: newYear,
    last_visit_at: newYear,
    ...change,
  });
  return segmentOf(head, pages);
}

/** Texts that a careless encoding, file format or database would change. */
export const textsOfEveryKind = [
  '\u0000\u001f',
  'half \ud800 pair',
  'الذاكرة 记忆 🧠',
  '"\\\n\r\u2028',
  'x'.repeat(1_000_000),
];
