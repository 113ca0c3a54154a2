import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EngineHookMemory } from '../../../../src/app/capture/engine-hook-memory.js';
import { ReadOnlyHookMemory } from '../../../../src/app/capture/read-only-hook-memory.js';
import { loadConfig } from '../../../../src/app/config/config.js';
import { createMemory } from '../../../../src/app/create-memory.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hook-memory-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('opens with the latest exchanges of the project, with and without a running server', async () => {
  const settings = { data_storage_path: folder, user_id: 'alice' };
  const memory = await createMemory(settings);
  const add = (userInput: string, project: string) =>
    memory.add({ userInput, agentResponse: 'Done.', project });
  // Questions state no facts, which the background work would add at any moment.
  for (const text of ['Why this limit?', 'Who sorts the list?', 'Where is the cache?', 'What is the flag?']) {
    await add(text, 'harbor');
  }
  for (let i = 0; i < 15; i += 1) await add(`Who lies at berth ${i} of the harbor?`, 'kestrel');
  const asked = { project: 'harbor', tokensMax: 500 };
  const opened = await new EngineHookMemory(async () => memory).opening(asked);
  const latest = ['What is the flag?', 'Where is the cache?', 'Who sorts the list?'];
  expect(opened.text.split('\n').slice(1)).toEqual(latest.map((text) => expect.stringContaining(text)));
  expect(opened.ids).toHaveLength(3);
  await memory.close();

  const { config } = loadConfig({ env: {}, withoutFile: true, flags: settings });
  expect(await new ReadOnlyHookMemory(config, Date.now()).opening(asked)).toEqual(opened);
});

it('opens with exchanges of the project beside many facts that were told elsewhere', async () => {
  const memory = await createMemory({ data_storage_path: folder, user_id: 'alice' });
  for (const text of ['Where is the cache?', 'What is the flag?']) {
    await memory.add({ userInput: text, agentResponse: 'Here.', project: 'harbor' });
  }
  for (let i = 0; i < 20; i += 1) {
    await memory.add({
      userInput: `My kestrel number ${i} has ${i + 3} red feathers.`,
      agentResponse: 'Nice.',
      project: 'kestrel',
    });
  }
  await memory.flush();
  const { text } = await new EngineHookMemory(async () => memory).opening({
    project: 'harbor',
    tokensMax: 500,
  });
  await memory.close();
  expect(text).toContain('red feathers');
  for (const said of ['Where is the cache?', 'What is the flag?']) expect(text).toContain(said);
});
