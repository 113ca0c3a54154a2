// Works on a memory until it is done or killed. Takes one argument, JSON:
// { dataDir, user, name, from, adds, migrate, capacity, options, delayMs, faultEvery, stopAt }. Writes lines to stdout:
// `ready`, `try <MB>` before a page is added, `ack <text>` once a page is acknowledged, `error <message>`, `done`.
import { writeSync } from 'node:fs';
import { createFileStore } from '../../build/adapters/files/file-store.js';
import { nodeFiles } from '../../build/lib/io/files.js';
import {
  newChainId,
  newFactId,
  newPageId,
  newSegmentId,
  toAssistantId,
  toUserId,
} from '../../build/model/ids.js';
import { failingFiles } from './failing-files.mjs';

const task = JSON.parse(process.argv[2] ?? '{}');
const say = (line) => writeSync(1, `${line}\n`);
const now = () => new Date().toISOString();
const assistant = toAssistantId('helper');

/** The real files. The process suspends itself once, before the n-th step of a kind on a file of this name. */
function stoppingFiles({ kind, name, after }) {
  let left = after;
  const stopBefore = (step, path) => {
    if (step !== kind || !path.includes(name)) return;
    left -= 1;
    if (left !== 0) return;
    say('stops');
    process.kill(process.pid, 'SIGSTOP');
  };
  return {
    ...nodeFiles,
    async open(path, mode) {
      const file = await nodeFiles.open(path, mode);
      return {
        ...file,
        async write(data, position) {
          stopBefore('write', path);
          return file.write(data, position);
        },
        async sync() {
          stopBefore('sync', path);
          return file.sync();
        },
      };
    },
  };
}

const files = task.stopAt
  ? stoppingFiles(task.stopAt)
  : task.faultEvery
    ? failingFiles(nodeFiles, task.faultEvery)
    : nodeFiles;
const openStore = async () => {
  for (let tries = 0; ; tries += 1) {
    try {
      return await createFileStore({ dataDir: task.dataDir, files, ...task.options }).open(
        toUserId(task.user),
      );
    } catch (error) {
      say(`error ${error.code} ${error.message}`);
      if (tries > 20) throw error;
    }
  }
};
const store = await openStore();
for (const { level, message } of store.notices) say(`notice ${level} ${message}`);
say('ready');

const pageOf = (text) => ({
  id: newPageId(Date.now()),
  user_input: text,
  agent_response: 'x'.repeat(100),
  timestamp: now(),
  meta_data: {},
  assistant_id: assistant,
  chain_id: null,
  meta_info: '',
  analysed: false,
});

const headOf = (id) => ({
  id,
  theme: 'a topic',
  summary: `about a topic at ${now()}`,
  keywords: ['topic'],
  created_at: now(),
  updated_at: now(),
  n_visit: 0,
  last_visit_at: now(),
  analysed_by: 'builtin',
});

/** Operations of a migration, an analysis and an eviction, decided on the state under the lock. */
async function migrate(capacity) {
  await store.transact((state) => {
    if (state.shortTerm.length <= capacity) return [];
    const id = [...state.segments.keys()].find((key) => state.segments.get(key).pages.length < 8);
    const segmentId = id ?? newSegmentId(Date.now());
    return [
      {
        op: 'segment_put',
        head: { ...(state.segments.get(segmentId)?.head ?? headOf(segmentId)), updated_at: now() },
      },
      ...state.shortTerm.slice(0, state.shortTerm.length - capacity).map((page) => ({
        op: 'page_migrated',
        page_id: page.id,
        segment_id: segmentId,
        chain_id: newChainId(Date.now()),
        meta_info: 'a chain',
      })),
    ];
  });
  await store.transact((state) => {
    const segment = [...state.segments.values()].find(
      ({ pages, unanalysed }) => pages.length >= 8 && unanalysed > 0,
    );
    const page = segment?.pages[0];
    if (segment === undefined || page === undefined) return [];
    const facts = state.userKnowledge;
    return [
      {
        op: 'fact_put',
        fact: {
          id: newFactId(Date.now()),
          assistant_id: null,
          knowledge: `said ${page.user_input}`,
          timestamp: now(),
          page_ids: [page.id],
          recorded_at: now(),
          slot: null,
          superseded_by: null,
          analysed_by: 'builtin',
        },
      },
      ...(facts.length > 10
        ? [{ op: 'fact_removed', fact_id: facts[0].id, assistant_id: null, reason: 'capacity' }]
        : []),
      { op: 'pages_analysed', segment_id: segment.head.id, page_ids: segment.pages.map(({ id }) => id) },
    ];
  });
  await store.transact((state) => {
    const done = [...state.segments.values()].filter(
      ({ pages, unanalysed }) => pages.length >= 8 && unanalysed === 0,
    );
    return done.length > 4 ? [{ op: 'segment_archived', segment_id: done[0].head.id }] : [];
  });
}

let lease = null;
const adds = task.adds ?? Number.POSITIVE_INFINITY;
for (let index = 0; index < adds; index += 1) {
  const text = `${task.name}:${(task.from ?? 0) + index}`;
  try {
    say(`try ${(process.memoryUsage.rss() / 1e6).toFixed(0)}`);
    await store.transact(() => [{ op: 'page_added', page: pageOf(text), segment_id: null }]);
    say(`ack ${text}`);
    if (task.migrate && index % 3 === 0) {
      if (!lease?.held) lease = await store.tryLease();
      if (lease?.held) await migrate(task.capacity ?? 5);
      if (index % 9 === 0) await store.checkpoint();
    }
  } catch (error) {
    say(`error ${error.code} ${error.message}`);
  }
  if (task.delayMs) await new Promise((resolve) => setTimeout(resolve, task.delayMs));
}
await store.close();
say('done');
