import { afterEach, describe, expect, it } from 'vitest';
import { withinBytes } from '../../../../src/mcp/text/within-bytes.js';
import { newPageId, newSegmentId } from '../../../../src/model/ids.js';
import type { RetrieveResult } from '../../../../src/model/results.js';
import { fakeEngine } from '../../../support/fake-engine.js';
import { type McpSession, mcpSession } from '../../../support/mcp-session.js';
import { emptyRetrieval } from '../../../support/results.js';

const at = '2026-03-01T10:00:00.000Z';
const bytesMax = 1024 * 1024;

let session: McpSession | undefined;
afterEach(() => session?.close());

const pages = (count: number, text: string) =>
  Array.from({ length: count }, (_, i) => ({
    page_id: newPageId(1_772_000_000_000 + i),
    user_input: text,
    agent_response: `${i}`,
    timestamp: at,
    meta_info: '',
    meta_data: {},
  }));

const found = (count: number, text: string): RetrieveResult => ({
  ...emptyRetrieval,
  short_term_memory: pages(count, text),
  short_term_count: count,
});

describe('an answer', () => {
  it('that fits is not changed', () => {
    const answer = { a: ['x'.repeat(1000)], b: 1 };
    expect(withinBytes(answer, 10_000)).toEqual({ answer, notice: '' });
  });

  it.each([
    ['ten long pages', 10, '"\n\u0085'.repeat(400_000)],
    ['long pages of Chinese', 10, '中文'.repeat(500_000)],
    ['very many short pages', 20_000, 'short'],
  ])('of %s fits the limit as sent, with the first entries kept', async (_, count, text) => {
    session = await mcpSession(fakeEngine({ retrieve: async () => found(count, text) }));
    const result = await session.call('retrieve_memory', { query: 'q' });
    const bytes = Buffer.byteLength(JSON.stringify(result));
    expect(bytes).toBeLessThanOrEqual(bytesMax);
    expect(bytes).toBeGreaterThan(bytesMax / 8);
    expect(result.structuredContent).toMatchObject({
      short_term_count: count,
      notices: [expect.stringContaining('max_answer_bytes')],
    });
    const [first] = (result.structuredContent as unknown as RetrieveResult).short_term_memory;
    expect(first?.user_input.slice(0, 5)).toBe(text.slice(0, 5));
  });

  it('of a resource fits, too', async () => {
    const segment_id = newSegmentId(1_772_000_000_000);
    session = await mcpSession(
      fakeEngine({
        segment: async () => ({ segment_id, page_list: pages(50, 'y'.repeat(100_000)) }) as never,
      }),
    );
    const result = await session.client.readResource({ uri: `memoryos://segments/${segment_id}` });
    expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThanOrEqual(bytesMax);
    expect(JSON.stringify(result)).toContain('max_answer_bytes');
  });
});
