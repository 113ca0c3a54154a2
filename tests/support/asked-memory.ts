import { createInMemoryStore } from '../../src/adapters/in-memory/in-memory-store.js';
import { toUserId } from '../../src/model/ids.js';
import type { Operation } from '../../src/model/operation.js';
import type { Page } from '../../src/model/page.js';
import type { MeaningReader } from '../../src/ports/meaning-reader.js';
import { createBuiltinEmbedder } from '../../src/retrieval/builtin-embedder.js';
import { MemoryRetriever } from '../../src/retrieval/memory-retriever.js';
import { added, makeHead, makePage, put, someAssistant } from './records.js';

export const nowMs = Date.parse('2023-10-20T12:00:00.000Z');
const dayMs = 86_400_000;

/** A memory of pages in segments, searched by words unless the test says otherwise. */
export async function memoryOf(operations: readonly Operation[], reader: MeaningReader | null = null) {
  const store = await createInMemoryStore().open(toUserId('ann'));
  if (operations.length > 0) await store.transact(() => operations);
  const retriever = new MemoryRetriever({
    store,
    embedder: createBuiltinEmbedder(),
    reader,
    clock: { now: () => nowMs },
    shortTermCapacityPages: 2,
  });
  await retriever.settled();
  return async (text: string, pagesMax = 5) => {
    const found = await retriever.search({ text, nowMs, pagesMax, factsMax: 5, assistantId: someAssistant });
    return found.pages.map(({ page }) => page);
  };
}

export const said = (user_input: string, timestamp: string, agent_response = 'I see.'): Page =>
  makePage(user_input, { timestamp, agent_response });

/** Each page is in a segment of its own, days apart, among pages about other subjects. */
export function inSegments(pages: readonly Page[]): Operation[] {
  const others = ['The printer is out of ink', 'We painted the fence green', 'My shoes are too tight'].map(
    (text, i) => said(text, new Date(nowMs - (200 + 10 * i) * dayMs).toISOString()),
  );
  return [...pages, ...others].flatMap((page) => {
    const head = makeHead(page.id);
    return [put(head), added(page, head.id)];
  });
}
