import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../support/cli-process.js';
import { type FakeOpenAi, startFakeOpenAi } from '../support/fake-openai/server.js';
import { makeFolder } from '../support/folders.js';

async function withConfig(
  run: (config: string, fake: FakeOpenAi, folder: string) => Promise<void>,
): Promise<void> {
  const { folder, remove } = await makeFolder();
  const fake = await startFakeOpenAi({ key: 'a-very-secret-key' });
  const config = path.join(folder, 'config.json');
  writeFileSync(
    config,
    JSON.stringify({
      user_id: 'alice',
      openai_api_key: 'a-very-secret-key',
      openai_base_url: fake.baseUrl,
      llm_model: 'fake-model',
      embedding_model_name: 'text-embedding-fake',
      data_storage_path: 'data',
    }),
  );
  try {
    await run(config, fake, folder);
  } finally {
    await fake.stop();
    await remove();
  }
}

describe('memoryos-mcp chat, as built', () => {
  it('answers from earlier conversations, also in the next process', async () => {
    await withConfig(async (config, fake) => {
      const first = await runCli(['chat', '--config', config], { input: 'My dog is called Rex.\n' });
      expect(first).toMatchObject({ code: 0, stdout: 'I do not know that yet.\n' });
      const second = await runCli(['chat', '--config', config, '--style', 'solemn'], {
        input: 'What is my dog called?\n',
      });
      expect(second).toMatchObject({ code: 0, stdout: 'I remember: My dog is called Rex.\n' });
      expect(JSON.stringify(fake.chatRequests.at(-1)?.body)).toContain('solemn');
      expect(fake.unexpected).toEqual([]);
      const stats = await runCli(['stats', '--json', '--config', config]);
      expect(JSON.parse(stats.stdout)).toMatchObject({
        short_term: { pages: 2 },
        analysis: { analyser: 'fake-model' },
        index: { embedder: 'text-embedding-fake' },
      });
    });
  });

  it('fails with a code, the cause and the next step, and without the key', async () => {
    await withConfig(async (config, fake) => {
      fake.misbehaveAlways('401');
      const { code, stderr } = await runCli(['chat', '--config', config], { input: 'hello\n' });
      expect(code).toBe(69);
      expect(stderr).toContain('MODEL_REJECTED');
      expect(stderr).toContain('Correct openai_api_key');
      expect(stderr).not.toContain('a-very-secret-key');
    });
  });

  it('says what is missing without a key', async () => {
    const { folder, remove } = await makeFolder();
    const { code, stderr } = await runCli(['chat', '--data', folder], { input: 'hello\n', cwd: folder });
    expect(code).toBe(69);
    expect(stderr).toContain('openai_api_key');
    expect(stderr).toContain('memoryos-mcp init');
    await remove();
  });
});
