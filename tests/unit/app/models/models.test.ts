import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it, type TestContext } from 'vitest';
import { loadConfig } from '../../../../src/app/config/config.js';
import { createEngineFactory, type OpenedMemory } from '../../../../src/app/create-engine.js';
import { toUserId } from '../../../../src/model/ids.js';
import { startFakeOpenAi } from '../../../support/fake-openai/server.js';
import { makeFolder } from '../../../support/folders.js';
import { isSettled, tellAll, until } from '../../../support/watched-memory.js';

/** Memories with an endpoint that requires the key `fake-key`, and a configuration file with another key. */
async function setUp({ onTestFinished }: TestContext, embedder = 'text-embedding-fake') {
  const { folder, remove } = await makeFolder();
  const fake = await startFakeOpenAi();
  const file = path.join(folder, 'config.json');
  const write = (change: Record<string, unknown>) =>
    writeFile(
      file,
      JSON.stringify({
        openai_api_key: 'wrong-key',
        openai_base_url: fake.baseUrl,
        llm_model: 'fake-model',
        embedding_model_name: embedder,
        data_storage_path: 'data',
        short_term_capacity: 4,
        mid_term_heat_threshold: 1,
        ...change,
      }),
    );
  await write({});
  const { config, reread } = loadConfig({ file, env: {} });
  const reports: string[] = [];
  const factory = createEngineFactory(config, (level, text) => void reports.push(`${level}: ${text}`), {
    reread,
  });
  const open: OpenedMemory[] = [];
  onTestFinished(async () => {
    for (const engine of open) await engine.close();
    await fake.stop();
    await remove();
  });
  const openFor = async (user: string) => {
    const engine = await factory.open(toUserId(user));
    open.push(engine);
    return engine;
  };
  const paused = async (engine: OpenedMemory) => (await engine.stats()).analysis.paused;
  const asked = () => fake.requests.filter(({ status }) => status !== 401).length;
  return { fake, folder, file, write, reports, factory, openFor, paused, asked };
}

it.for(['text-embedding-fake', 'builtin'])(
  'pauses all memories with one warning while the key is wrong, and goes on once the file has the right one (embedder: %s)',
  async (embedder, context) => {
    const { write, reports, openFor, paused, asked } = await setUp(context, embedder);
    const [alice, bob] = [await openFor('alice'), await openFor('bob')];
    await tellAll(alice);
    await until('the key was refused', () => paused(alice));
    await tellAll(bob);
    await bob.flush();
    const warnings = () => reports.filter((line) => line.startsWith('warning: Analysis'));
    expect(warnings()).toHaveLength(1);
    for (const engine of [alice, bob])
      expect((await engine.stats()).analysis).toMatchObject({
        paused: true,
        pages_waiting: 6,
        last_error: expect.stringContaining('in the configuration file'),
        next_try_at: null,
      });
    const { retrieved_pages: found } = await alice.retrieve({ query: 'Who is my violin teacher?' });
    expect(found.map((page) => page.user_input)).toContain('My violin teacher lives in Lisbon.');
    expect(asked()).toBe(0);

    await write({ openai_api_key: 'fake-key' });
    for (const engine of [alice, bob]) {
      await until('the analysis is complete', () => isSettled({ engine }));
      const { user_knowledge } = await engine.profile();
      expect(user_knowledge?.map((fact) => fact.knowledge)).toContainEqual(
        expect.stringMatching(/plays? the violin every morning/),
      );
      const { index, analysis } = await engine.stats();
      expect(index.vectors_missing).toBe(0);
      expect(analysis.llm?.calls).toBeGreaterThan(2);
    }
    expect(warnings()).toHaveLength(1);
    expect(reports.join('\n')).not.toMatch(/wrong-key|fake-key/);
  },
);

it('uses a corrected key, and reports an unusable file', async (context) => {
  const { file, write, reports, openFor } = await setUp(context);
  const engine = await openFor('alice');
  const answer = async () => {
    let text = '';
    for await (const piece of engine.respond({ query: 'hello' })) text += piece;
    return text;
  };
  await expect(answer()).rejects.toMatchObject({ code: 'MODEL_REJECTED' });
  const whole = await readFile(file, 'utf8');
  await writeFile(file, whole.slice(0, 40));
  for (let tries = 0; tries < 2; tries += 1)
    await expect(answer()).rejects.toMatchObject({ code: 'MODEL_REJECTED' });
  expect(reports.filter((line) => line.includes('is not used'))).toEqual([
    expect.stringMatching(/^warning: The changed configuration file is not used: .*is not JSON/s),
  ]);
  await write({ openai_api_key: 'fake-key' });
  expect(await answer()).toBe('I do not know that yet.');
});

it('ignores changes of the file while everything works', async (context) => {
  const { write, reports, openFor } = await setUp(context);
  await write({ openai_api_key: 'fake-key' });
  const engine = await openFor('alice');
  await tellAll(engine);
  await until('it was corrected', () => isSettled({ engine }));
  await write({ openai_api_key: 'wrong-key' });
  await tellAll(engine);
  await engine.flush();
  expect((await engine.stats()).analysis).toMatchObject({ paused: false, pages_waiting: 0 });
  expect(reports.filter((line) => line.includes('has changed'))).toHaveLength(1);
});

it.for(['text-embedding-fake', 'builtin'])(
  'sends nothing, stores nothing and reports nothing when a server warms up (embedder: %s)',
  async (embedder, context) => {
    const { fake, folder, reports, factory } = await setUp(context, embedder);
    await factory.warm();
    expect(fake.requests).toEqual([]);
    expect(await readdir(folder)).toEqual(['config.json']);
    expect(reports.filter((line) => !line.startsWith('info'))).toEqual([]);
  },
);
