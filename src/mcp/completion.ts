import type { Server } from '@modelcontextprotocol/server';
import type { SegmentSummary } from '../model/results.js';
import { recall } from './prompts/recall.js';
import { segmentTemplate } from './resources/uris.js';
import type { McpSession } from './session.js';
import { inline } from './text/quote.js';

/** Limit of the specification. */
const valuesMax = 100;

/** Completes the id of a segment (by id or by words of its theme) and the topic of `recall`. */
export function offerCompletion(server: Server, session: McpSession): void {
  server.setRequestHandler('completion/complete', async ({ params: { ref, argument } }) => {
    if (ref.type === 'ref/resource' && ref.uri === segmentTemplate && argument.name === 'id') {
      return answer(matching(await segments(session), argument.value).map((one) => one.segment_id));
    }
    if (ref.type === 'ref/prompt' && ref.name === recall.name && argument.name === 'topic') {
      return answer([
        ...new Set(matching(await segments(session), argument.value).map((one) => inline(one.theme))),
      ]);
    }
    return answer([]);
  });
}

async function segments(session: McpSession): Promise<SegmentSummary[]> {
  return (await session.engine()).segments();
}

function matching(all: readonly SegmentSummary[], typed: string): SegmentSummary[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return all.filter((segment) => {
    const theme = segment.theme.toLowerCase();
    return segment.segment_id.startsWith(typed) || words.every((word) => theme.includes(word));
  });
}

function answer(values: readonly string[]) {
  return {
    completion: {
      values: values.slice(0, valuesMax),
      total: values.length,
      hasMore: values.length > valuesMax,
    },
  };
}
