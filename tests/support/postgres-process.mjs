// Adds pages to a memory in PostgreSQL until it is killed. Takes one argument, JSON:
// { url, schema, user, name, migrates }. Writes lines to stdout: `ready`, `ack <text>` once a page is acknowledged,
// `error <message>`.
import { writeSync } from 'node:fs';
import { createPostgresStore } from '../../build/adapters/postgres/postgres-store.js';
import { newChainId, newPageId, newSegmentId, toAssistantId, toUserId } from '../../build/model/ids.js';
import { createPageTerms } from '../../build/retrieval/candidates/page-terms.js';

const task = JSON.parse(process.argv[2] ?? '{}');
const say = (line) => writeSync(1, `${line}\n`);
const now = () => new Date().toISOString();
const store = createPostgresStore({ url: task.url, schema: task.schema, readTerms: createPageTerms() });
const memory = await store.open(toUserId(task.user));

/** Moves the oldest page of short-term memory to a new segment, and sometimes the segment to the archive. */
async function migrate() {
  const id = newSegmentId(Date.now());
  const at = now();
  const head = {
    id,
    theme: '',
    summary: '',
    keywords: [],
    created_at: at,
    updated_at: at,
    n_visit: 0,
    last_visit_at: at,
    analysed_by: 'builtin',
  };
  await memory.transact({ oldest: 3, heads: 'all' }, ({ oldest, heads }) => [
    { op: 'segment_put', head },
    ...oldest.map((page) => ({
      op: 'page_migrated',
      page_id: page.id,
      segment_id: id,
      chain_id: newChainId(Date.now()),
      meta_info: '',
    })),
    ...(heads.size > 3 ? [{ op: 'segment_archived', segment_id: heads.keys().next().value }] : []),
  ]);
}

say('ready');
for (let i = 0; ; i += 1) {
  const text = `${task.name}:${i}`;
  const page = {
    id: newPageId(Date.now()),
    user_input: text,
    agent_response: '',
    timestamp: now(),
    meta_data: {},
    assistant_id: toAssistantId('helper'),
    chain_id: null,
    meta_info: '',
    analysed: false,
    read: false,
  };
  try {
    await memory.transact({ pages: [page.id] }, () => [{ op: 'page_added', page, segment_id: null }]);
    say(`ack ${text}`);
    if (task.migrates && i % 5 === 4) await migrate();
  } catch (error) {
    say(`error ${error.message}`);
  }
}
