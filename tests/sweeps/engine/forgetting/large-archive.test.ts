import { spawnSync } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { encodeArchiveLine } from '../../../../src/adapters/files/copies/archive-lines.js';
import { createFileStore } from '../../../../src/adapters/files/file-store.js';
import { newChainId, toUserId } from '../../../../src/model/ids.js';
import { makeFolderInMemory } from '../../../support/folders.js';
import { makeHead, makePage } from '../../../support/records.js';

const program = resolve('tests/support/forget-in-little-memory.ts');
const alice = toUserId('alice');

it('an archive much larger than the heap is rewritten to forget one page', async () => {
  const place = await makeFolderInMemory();
  try {
    await (await createFileStore({ dataDir: place.folder }).open(alice)).close();
    const archive = openSync(join(place.folder, 'users', 'alice', 'archive.jsonl'), 'a');
    const text = 'what was said '.repeat(300);
    let last = '';
    for (let segment = 0; segment < 600; segment += 1) {
      const head = makeHead(`topic ${segment}`);
      const pages = Array.from({ length: 60 }, (_, page) =>
        makePage(`${segment}.${page} ${text}`, { chain_id: newChainId(Date.now()) }),
      );
      last = pages[9]?.id ?? '';
      const line = { kind: 'segment' as const, at: head.created_at, epoch: 1, seq: 1, head, pages };
      writeSync(archive, await encodeArchiveLine(line));
    }
    closeSync(archive);
    const args = ['--max-old-space-size=160', '--import', 'tsx', program, place.folder, last];
    const { stdout, status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect([status, stdout], stderr.slice(-500)).toEqual([0, '1']);
  } finally {
    await place.remove();
  }
});
