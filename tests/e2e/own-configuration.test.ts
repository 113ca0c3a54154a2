import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemory } from '../../src/index.js';
import { RawServer, runCli } from '../support/cli-process.js';
import { type FakeOpenAi, startFakeOpenAi } from '../support/fake-openai/server.js';

let home: string;
let project: string;
let data: string;
let stranger: FakeOpenAi;

beforeEach(async () => {
  home = mkdtempSync(path.join(tmpdir(), 'memoryos-home-'));
  project = path.join(home, 'cloned-project');
  data = path.join(home, 'share/memoryos-mcp');
  mkdirSync(project);
  stranger = await startFakeOpenAi({ key: null });
});
afterEach(async () => {
  await stranger.stop();
  rmSync(home, { recursive: true, force: true, maxRetries: 3 });
});

const env = (): Record<string, string> => ({
  HOME: home,
  XDG_CONFIG_HOME: path.join(home, 'config'),
  XDG_DATA_HOME: path.join(home, 'share'),
});
const run = (args: readonly string[], more: Record<string, string> = {}) =>
  runCli(args, { cwd: project, env: { ...env(), ...more } });

async function serve(args: readonly string[], more: Record<string, string> = {}) {
  const server = new RawServer(args, { cwd: project, env: { ...env(), ...more } });
  await server.initialize();
  let id = 10;
  const call = async (name: string, given: object) => {
    id += 1;
    server.send({ id, method: 'tools/call', params: { name, arguments: given } });
    return JSON.stringify(await server.answerTo(id));
  };
  const stop = async () => {
    server.child.stdin.end();
    return server.ended;
  };
  return { call, stop };
}

async function remember(): Promise<void> {
  const memory = await createMemory({ data_storage_path: data });
  await memory.add({ userInput: 'The spare key is under the blue pot.', agentResponse: 'Noted.' });
  await memory.close();
}

/** Files that a repository could contain. */
const foreign = () => ({
  embedding_base_url: stranger.baseUrl,
  embedding_model_name: 'fake-embedding',
  openai_base_url: stranger.baseUrl,
  data_storage_path: '.',
});

describe.skipIf(process.platform !== 'linux')('a config.json in the working directory', () => {
  it.each([
    ['serve', []],
    ['stats', ['stats']],
    ['inspect', ['inspect']],
    ['export', ['export']],
    ['backup', ['backup']],
    ['forget', ['forget', '--before', '2020-01-01']],
    ['doctor', ['doctor']],
    ['chat', ['chat']],
  ])('is not read by %s, and nothing is sent to its endpoint', async (name, args) => {
    await remember();
    writeFileSync(path.join(project, 'config.json'), JSON.stringify(foreign()));
    const secret = {
      MEMORYOS_OPENAI_API_KEY: 'sk-secret',
      MEMORYOS_OPENAI_BASE_URL: 'http://127.0.0.1:9/v1',
    };
    if (name === 'serve') {
      const { call, stop } = await serve([], secret);
      expect(await call('retrieve_memory', { query: 'spare key' })).toContain('blue pot');
      await new Promise((resolve) => setTimeout(resolve, 500));
      await stop();
    } else await run(args, secret);
    expect(stranger.requests).toEqual([]);
  });

  it.each(['{"port": 8080}', '[]', '{ // a comment\n}'])('does not stop the server: %s', async (content) => {
    writeFileSync(path.join(project, 'config.json'), content);
    const { call, stop } = await serve([]);
    expect(await call('add_memory', { user_input: 'Hello.', agent_response: 'Hello.' })).toContain('page_id');
    expect((await stop()).code).toBe(0);
  });
});

describe.skipIf(process.platform !== 'linux')("the user's own configuration", () => {
  it('is written by init and used by init, server, stats, inspect and doctor for one memory', async () => {
    const own = path.join(home, 'config/memoryos-mcp/config.json');
    const made = await run(['init', '--yes', '--user', 'alice']);
    expect(made.stdout).toContain(own);
    expect(JSON.parse(made.stdout.slice(made.stdout.indexOf('{'), made.stdout.lastIndexOf('}') + 1))).toEqual(
      { mcpServers: { memoryos: { command: 'npx', args: ['-y', 'memoryos-mcp'] } } },
    );
    const { call, stop } = await serve([]);
    await call('add_memory', { user_input: 'I keep bees.', agent_response: 'Nice.' });
    const { stderr } = await stop();
    expect(stderr).toContain(own);
    expect(stderr).toContain('no text leaves this machine');
    expect(JSON.parse((await run(['stats'])).stdout)).toMatchObject({
      user_id: 'alice',
      short_term: { pages: 1 },
    });
    expect(JSON.parse((await run(['inspect'])).stdout)).toMatchObject({ stats: { user_id: 'alice' } });
    const doctor = await run(['doctor']);
    expect(doctor.stdout).toContain(own);
    expect(doctor.stdout).toContain(data);
    expect((await run(['init', '--yes'])).code).toBe(75);
  }, 30_000);
});

describe.skipIf(process.platform !== 'linux')('a new endpoint for a memory', () => {
  const to = () => ({
    MEMORYOS_EMBEDDING_BASE_URL: stranger.baseUrl,
    MEMORYOS_EMBEDDING_MODEL_NAME: 'fake-embedding',
  });

  it('is reported on stderr and in the answers before anything is sent, once', async () => {
    await remember();
    let saidBefore = '';
    const server = new RawServer([], { cwd: project, env: { ...env(), ...to() } });
    server.child.stderr.on('data', (text: string) => {
      if (stranger.requests.length === 0) saidBefore += text;
    });
    await server.initialize();
    server.send({
      id: 1,
      method: 'tools/call',
      params: { name: 'retrieve_memory', arguments: { query: 'spare key' } },
    });
    const answer = JSON.stringify(await server.answerTo(1));
    expect(answer).toContain(`has not been used with ${stranger.baseUrl}`);
    await expect.poll(() => stranger.requests.length).toBeGreaterThan(0);
    server.child.stdin.end();
    await server.ended;
    expect(saidBefore).toContain(`has not been used with ${stranger.baseUrl}`);
    expect(
      JSON.parse(readFileSync(path.join(data, 'users/default_user/endpoints.json'), 'utf8')),
    ).toMatchObject({ endpoints: [{ url: stranger.baseUrl }] });

    const { call, stop } = await serve([], to());
    expect(await call('retrieve_memory', { query: 'spare key' })).not.toContain('has not been used');
    const { stderr } = await stop();
    expect(stderr).not.toContain('has not been used');
    expect(stderr).toContain(`Texts are sent to ${stranger.baseUrl} for embeddings`);
  }, 30_000);

  it('is not reported for an empty memory', async () => {
    const { call, stop } = await serve([], to());
    await call('add_memory', { user_input: 'Hello.', agent_response: 'Hello.' });
    expect((await stop()).stderr).not.toContain('has not been used');
    const again = await serve([], to());
    await again.call('get_memory_stats', {});
    expect((await again.stop()).stderr).not.toContain('has not been used');
  }, 30_000);
});
