import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';

const run = promisify(execFile);
const tsx = createRequire(import.meta.url).resolve('tsx/cli');
const folders: string[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function example(folder: string): Promise<string[]> {
  const { stdout } = await run(process.execPath, [tsx, 'examples/remember.ts', folder]);
  return stdout.trim().split('\n');
}

it('the program of the README remembers, also the next time it runs', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'memoryos-library-'));
  folders.push(folder);
  const first = await example(folder);
  expect(first[0]).toMatch(/^2026-03-02 {2}I moved to Berlin last week/);
  expect(first).toContainEqual(expect.stringMatching(/allergic to peanuts/));
  expect(first.at(-1)).toMatch(/^3 pages in \d segments, analysed by builtin$/);
  const second = await example(folder);
  expect(second.at(-1)).toMatch(/^6 pages in \d segments/);
});

const manyMemories = `
  import { createMemory } from 'memoryos-mcp';
  const known = [];
  for (const user_id of ['ann', 'ben', 'cem']) {
    const memory = await createMemory({ user_id, data_storage_path: process.argv[1] });
    await memory.add({ userInput: 'I am allergic to penicillin.', agentResponse: 'Noted.' });
    await memory.flush();
    known.push((await memory.profile()).user_knowledge.length);
    await memory.close();
  }
  console.log(JSON.stringify({ known, threads: process.report.getReport().workers.length }));
`;

it('many memories in one program share the threads of the model and of the analyser', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'memoryos-library-'));
  folders.push(folder);
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', manyMemories, folder]);
  expect(JSON.parse(stdout)).toEqual({ known: [1, 1, 1], threads: 2 });
});
