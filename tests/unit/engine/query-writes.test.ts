import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { createFileStore } from '../../../src/adapters/files/file-store.js';
import { createBuiltinAnalyser } from '../../../src/analysis/builtin/builtin-analyser.js';
import { UserMemory } from '../../../src/engine/user-memory.js';
import { toUserId } from '../../../src/model/ids.js';
import { createBuiltinEmbedder } from '../../../src/retrieval/builtin-embedder.js';
import { engineSettings } from '../../support/engine-settings.js';
import { makeFolder } from '../../support/folders.js';
import { fillSegments } from '../../support/full-memory.js';
import { onStore } from '../../support/on-store.js';
import { someAssistant } from '../../support/records.js';

let remove = async () => undefined as unknown;
afterEach(async () => {
  vi.useRealTimers();
  await remove();
});

/** Each file's size and time of writing. */
async function filesIn(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  return new Map(
    await Promise.all(
      files.map(async (file): Promise<[string, string]> => {
        const { size, mtimeMs } = await stat(file);
        return [file, `${size} ${mtimeMs}`];
      }),
    ),
  );
}

test('questions write nothing while they run; their visits are saved when the memory is closed', async () => {
  // Periodic writes (visits, checkpoints) wait for their timer, so only writes of the queries are seen.
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval'] });
  const made = await makeFolder();
  remove = made.remove;
  const clock = { now: () => Date.parse('2026-06-01T12:00:00Z') };
  const open = () => createFileStore({ dataDir: made.folder, clock }).open(toUserId('alice'));
  const store = await open();
  await fillSegments(store, 5, 8);
  const engine = new UserMemory({
    ...onStore(store),
    builtinAnalyser: createBuiltinAnalyser(),
    embedder: createBuiltinEmbedder(),
    chatModel: null,
    clock,
    settings: engineSettings({ heatMin: 1e9 }),
    assistantId: someAssistant,
    report: () => undefined,
    notices: [],
  });
  await engine.flush();
  const before = await filesIn(made.folder);
  for (let i = 0; i < 30; i++) await engine.retrieve({ query: `page ${i % 5}.${i % 8}` });
  expect(await filesIn(made.folder)).toEqual(before);
  await engine.close();

  const again = await open();
  const visits = [...again.state.segments.values()].reduce((sum, { head }) => sum + head.n_visit, 0);
  expect(visits).toBeGreaterThan(30);
  await again.close();
});
