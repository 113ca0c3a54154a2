import { createInMemoryStore } from '../src/adapters/in-memory/in-memory-store.js';
import { newPageId, newSegmentId, type PageId, toAssistantId, toUserId } from '../src/model/ids.js';
import type { Operation } from '../src/model/operation.js';
import type { UserStore } from '../src/ports/memory-store.js';

export interface ToldPage {
  readonly user_input: string;
  readonly agent_response: string;
  readonly timestamp: string;
}

/** Stores pages without an engine, so that none migrates or is analysed. Returns the store and their new ids. */
export async function storeOfPages(
  pages: readonly ToldPage[],
  {
    user = 'bench',
    assistant = 'bench',
    segments,
  }: {
    readonly user?: string;
    readonly assistant?: string;
    /** `own`: each page is in a segment of its own, with its text as summary. `none`: all are in short-term memory. */
    readonly segments: 'own' | 'none';
  },
): Promise<{ store: UserStore; ids: PageId[] }> {
  const store = await createInMemoryStore().open(toUserId(user));
  const ids: PageId[] = [];
  const operations = pages.flatMap(({ user_input, agent_response, timestamp: at }): Operation[] => {
    const id = newPageId(Date.parse(at));
    ids.push(id);
    const page = {
      id,
      user_input,
      agent_response,
      timestamp: at,
      meta_data: {},
      assistant_id: toAssistantId(assistant),
      chain_id: null,
      meta_info: '',
      analysed: true,
      read: true,
    };
    if (segments === 'none') return [{ op: 'page_added', segment_id: null, page }];
    const segment = newSegmentId(Date.parse(at));
    const about = { theme: '', summary: user_input, keywords: [], analysed_by: 'bench' };
    const times = { created_at: at, updated_at: at, n_visit: 0, last_visit_at: at };
    return [
      { op: 'segment_put', head: { id: segment, ...about, ...times } },
      { op: 'page_added', segment_id: segment, page },
    ];
  });
  await store.transact(() => operations);
  return { store, ids };
}

const dayMs = 86_400_000;
const startMs = Date.parse('2024-01-01T12:00:00.000Z');

/** Stores each text on a day and in a segment of its own, so that none helps to find another. `nowMs` is long after. */
export async function storeOfTexts(texts: readonly string[]): Promise<{ store: UserStore; nowMs: number }> {
  const pages = texts.map((text, i) => ({
    user_input: text,
    agent_response: '',
    timestamp: new Date(startMs + i * dayMs).toISOString(),
  }));
  const { store } = await storeOfPages(pages, { segments: 'own' });
  return { store, nowMs: startMs + 1000 * dayMs };
}
