import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { command, needsNothing, wholeFrom } from '../../scripts/command.js';
import { createFileStore } from '../../src/adapters/files/file-store.js';
import { newPageId, newSegmentId, toAssistantId, toUserId } from '../../src/model/ids.js';
import type { Operation } from '../../src/model/operation.js';
import type { Page } from '../../src/model/page.js';
import { sentence } from './sentences.js';

const { pages: pagesTotal, seconds } = command({
  call: 'npm run bench:backlog --',
  about:
    'Measures opening a memory with many pages, first all waiting in short-term memory, then all in mid-term memory; and how many pages wait while 1 and 32 clients add without a pause.',
  time: '4 minutes.',
  needs: needsNothing,
})
  .option('--pages <n>', 'number of pages', wholeFrom(1), 100_000)
  .option('--seconds <n>', 'how long clients add', wholeFrom(1), 60)
  .parse()
  .opts<{ pages: number; seconds: number }>();
const pagesPerSegment = 64;
const startMs = Date.parse('2026-01-01T00:00:00.000Z');
const user = toUserId('bench');
const here = path.dirname(fileURLToPath(import.meta.url));
const print = (line: string) => process.stdout.write(`${line}\n`);

function page(index: number): Page {
  return {
    id: newPageId(startMs + index),
    user_input: `${sentence(index)} ${sentence(index + 7)}`,
    agent_response: `${sentence(index + 13)} ${sentence(index + 29)}`,
    timestamp: new Date(startMs + index * 1000).toISOString(),
    meta_data: {},
    assistant_id: toAssistantId('bench'),
    chain_id: null,
    meta_info: '',
    analysed: false,
    read: false,
  };
}

/** Leaves all pages waiting in short-term memory, and no checkpoint, as after a kill. */
async function fillQueue(folder: string): Promise<void> {
  const store = await createFileStore({ dataDir: folder }).open(user);
  for (let from = 0; from < pagesTotal; from += 100) {
    await Promise.all(
      Array.from({ length: Math.min(100, pagesTotal - from) }, (_, index) =>
        store.transact(() => [{ op: 'page_added', page: page(from + index), segment_id: null }]),
      ),
    );
  }
}

async function fillSegments(folder: string): Promise<void> {
  const store = await createFileStore({ dataDir: folder }).open(user);
  for (let from = 0; from < pagesTotal; from += pagesPerSegment) {
    const at = new Date(startMs + from * 1000).toISOString();
    const id = newSegmentId(startMs + from);
    const visits = { n_visit: 0, last_visit_at: at };
    const head = {
      id,
      theme: 'topic',
      summary: sentence(from),
      keywords: [],
      created_at: at,
      updated_at: at,
    };
    const operations: Operation[] = [
      { op: 'segment_put', head: { ...head, ...visits, analysed_by: 'bench' } },
    ];
    for (let index = from; index < Math.min(from + pagesPerSegment, pagesTotal); index += 1) {
      operations.push({ op: 'page_added', page: page(index), segment_id: id });
    }
    await store.transact(() => operations);
  }
  await store.close();
}

const folder = await mkdtemp(path.join(tmpdir(), 'memoryos-backlog-'));
try {
  for (const [name, fill] of [
    ['waiting in short-term memory', fillQueue],
    ['in mid-term memory', fillSegments],
  ] as const) {
    const dataDir = path.join(folder, name.replaceAll(' ', '-'));
    const before = performance.now();
    await fill(dataDir);
    print(`${pagesTotal} pages ${name}: written in ${((performance.now() - before) / 1000).toFixed(1)} s`);
    spawnSync(process.execPath, ['--import', 'tsx', path.join(here, 'open.ts'), dataDir], {
      stdio: 'inherit',
    });
  }
  for (const clients of ['1', '32']) {
    spawnSync(
      process.execPath,
      [path.join(here, 'load.mjs'), path.join(folder, `load-${clients}`), String(seconds), clients],
      {
        stdio: 'inherit',
      },
    );
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exit(0);
