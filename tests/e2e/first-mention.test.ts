import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

const library = pathToFileURL(path.resolve('dist/index.js')).href;
const { createMemory } = (await import(library)) as typeof import('../../src/index.js');
const said = "I'm allergic to penicillin.";
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'memoryos-first-mention-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = () => createMemory({ user_id: 'alice', data_storage_path: folder, log_level: 'silent' });

async function storedText(): Promise<string> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile());
  const texts = await Promise.all(
    files.map((entry) => readFile(path.join(entry.parentPath, entry.name), 'utf8')),
  );
  return texts.join('\n');
}

it('stores facts from a single mention, without a request, at any heat', async () => {
  const memory = await open();
  try {
    await memory.add({ userInput: said, agentResponse: 'I will remember that.' });
    // The fact appears without a request: no flush, no analysis, one page.
    await vi.waitFor(
      async () => {
        const { user_knowledge } = await memory.profile();
        expect(user_knowledge?.map(({ knowledge }) => knowledge)).toEqual([
          'The user is allergic to penicillin.',
        ]);
      },
      { timeout: 20_000, interval: 50 },
    );
  } finally {
    await memory.close();
  }
});

it('reads pages after a restart, once, that a crash left unread', async () => {
  const script = `
    const { createMemory } = await import(${JSON.stringify(library)});
    const memory = await createMemory({ user_id: 'alice', data_storage_path: ${JSON.stringify(folder)}, log_level: 'silent' });
    await memory.add({ userInput: ${JSON.stringify(said)}, agentResponse: 'I will remember that.' });
    process.kill(process.pid, 'SIGKILL');
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
  const [, signal] = await once(child, 'exit');
  expect(signal).toBe('SIGKILL');
  const left = await storedText();
  expect(left).toContain('penicillin');
  expect(left).not.toContain('The user is allergic');
  for (let run = 0; run < 2; run++) {
    const memory = await open();
    await memory.flush();
    const { user_knowledge } = await memory.profile();
    await memory.close();
    expect(user_knowledge?.map(({ knowledge }) => knowledge)).toEqual([
      'The user is allergic to penicillin.',
    ]);
  }
});
