import { readFile } from 'node:fs/promises';
import { parseLocomo } from '../../src/cli/demo/locomo.js';
import { newPageId, newSegmentId, toAssistantId } from '../../src/model/ids.js';
import type { Operation } from '../../src/model/operation.js';
import type { Page } from '../../src/model/page.js';
import { randomFrom } from '../locomo/metrics.js';

const pagesPerSegment = 64;
const pagesPerSession = 12;
const dayMs = 86_400_000;
const startMs = Date.parse('2020-01-01T09:00:00.000Z');
const assistantId = toAssistantId('bench');

export interface Material {
  readonly sentences: readonly string[];
  readonly questions: readonly string[];
}

/** Sentences and questions to recombine. */
export async function materialFrom(file: string): Promise<Material> {
  const conversations = parseLocomo(await readFile(file, 'utf8'), file);
  const sentences = conversations.flatMap(({ pages }) =>
    pages.flatMap((page) => `${page.user_input} ${page.agent_response}`.split(/(?<=[.!?])\s+/)),
  );
  const questions = conversations.flatMap((conversation) => conversation.questions.map((q) => q.question));
  return { sentences: sentences.filter((sentence) => sentence.length > 10), questions };
}

/** Pages of two or three sentences a side, in sessions of a dozen, as operations that put them into segments. */
export function* syntheticPages(count: number, { sentences }: Material, seed = 1): Generator<Operation[]> {
  const random = randomFrom(seed);
  const some = () =>
    Array.from(
      { length: 2 + Math.floor(random() * 2) },
      () => sentences[Math.floor(random() * sentences.length)],
    ).join(' ');
  for (let made = 0; made < count; ) {
    const nowMs = startMs + (made / pagesPerSession) * dayMs;
    const at = new Date(nowMs).toISOString();
    const id = newSegmentId(nowMs);
    const operations: Operation[] = [
      {
        op: 'segment_put',
        head: {
          id,
          theme: 'recombined',
          summary: some(),
          keywords: [],
          created_at: at,
          updated_at: at,
          n_visit: 0,
          last_visit_at: at,
          analysed_by: 'bench',
        },
      },
    ];
    for (let i = 0; i < pagesPerSegment && made < count; i++, made++) {
      const page: Page = {
        id: newPageId(nowMs + made),
        user_input: some(),
        agent_response: some(),
        timestamp: new Date(
          startMs + Math.floor(made / pagesPerSession) * dayMs + (made % pagesPerSession) * 60_000,
        ).toISOString(),
        meta_data: {},
        assistant_id: assistantId,
        chain_id: null,
        meta_info: '',
        analysed: true,
        read: true,
      };
      operations.push({ op: 'page_added', page, segment_id: id });
    }
    yield operations;
  }
}
