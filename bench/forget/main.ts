import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { command, needsNothing, wholeNumbers } from '../../scripts/command.js';
import { encodeArchiveLine } from '../../src/adapters/files/copies/archive-lines.js';
import { createFileStore } from '../../src/adapters/files/file-store.js';
import { newChainId, newPageId, newSegmentId, toAssistantId, toUserId } from '../../src/model/ids.js';
import type { Page } from '../../src/model/page.js';
import { sentence } from '../backlog/sentences.js';

const { sizes } = command({
  call: 'npm run bench:forget --',
  about:
    'Measures forgetting three pages of a large archive while another process adds: seconds, peak memory, and how many pages the other process could add meanwhile.',
  time: 'a minute; the largest size needs about twice its space in the temporary folder.',
  needs: needsNothing,
})
  .option('--sizes <mb,...>', 'sizes of the archive in MB', wholeNumbers, [50, 300, 700])
  .parse()
  .opts<{ sizes: number[] }>();
const pagesPerSegment = 64;
const startMs = Date.parse('2026-01-01T00:00:00.000Z');
const user = toUserId('bench');
const here = path.dirname(fileURLToPath(import.meta.url));
const print = (line: string) => process.stdout.write(`${line}\n`);

function pageOf(index: number): Page {
  const text = Array.from({ length: 10 }, (_, part) => sentence(index * 10 + part)).join(' ');
  return {
    id: newPageId(startMs + index),
    user_input: text,
    agent_response: text,
    timestamp: new Date(startMs + index * 1000).toISOString(),
    meta_data: {},
    assistant_id: toAssistantId('bench'),
    chain_id: newChainId(startMs + index),
    meta_info: '',
    analysed: true,
    read: true,
  };
}

/** Makes a memory with an archive of this size. Returns ids of pages in the archive. */
async function fill(dataDir: string, megabytes: number): Promise<string[]> {
  const store = await createFileStore({ dataDir }).open(user);
  await store.close();
  const folder = path.join(dataDir, 'users', 'bench');
  await mkdir(folder, { recursive: true });
  const out = createWriteStream(path.join(folder, 'archive.jsonl'));
  const ids: string[] = [];
  let bytes = 0;
  let pages = 0;
  for (let segment = 0; bytes < megabytes * 1024 * 1024; segment += 1) {
    const at = new Date(startMs + segment * 1000).toISOString();
    const list = Array.from({ length: pagesPerSegment }, (_, index) => pageOf(pages + index));
    pages += list.length;
    const head = {
      id: newSegmentId(startMs + segment),
      theme: 'topic',
      summary: sentence(segment),
      keywords: [],
      created_at: at,
      updated_at: at,
      n_visit: 0,
      last_visit_at: at,
      analysed_by: 'bench',
    };
    const line = await encodeArchiveLine({ kind: 'segment', at, epoch: 1, seq: 1, head, pages: list });
    bytes += Buffer.byteLength(line);
    if (segment % 50 === 0) ids.push(list[7]?.id ?? '');
    if (!out.write(line)) await once(out, 'drain');
  }
  out.end();
  await finished(out);
  return ids;
}

const folder = await mkdtemp(path.join(tmpdir(), 'memoryos-forget-'));
try {
  for (const megabytes of sizes) {
    const dataDir = path.join(folder, String(megabytes));
    const ids = await fill(dataDir, megabytes);
    print(`archive of ${megabytes} MB; another process adds without a pause:`);
    const args = ['--import', 'tsx', path.join(here, 'forget.ts'), dataDir, ...ids.slice(0, 3)];
    spawnSync(process.execPath, args, { stdio: 'inherit' });
    await rm(dataDir, { recursive: true });
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
