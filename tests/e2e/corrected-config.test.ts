import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, it, type TestContext } from 'vitest';
import type { StatsResult } from '../../src/model/results.js';
import { cliPath, plainEnv } from '../support/cli-process.js';
import { startFakeOpenAi } from '../support/fake-openai/server.js';
import { makeFolder } from '../support/folders.js';
import { startBuiltServer } from '../support/http/built-server.js';
import { toldExchanges, until } from '../support/watched-memory.js';

const transports: Record<
  string,
  (folder: string, config: string, children: ChildProcess[]) => Promise<Transport>
> = {
  stdio: async (_, config) =>
    new StdioClientTransport({
      command: process.execPath,
      args: [cliPath, '--config', config, '--log-level', 'error'],
      env: plainEnv(),
    }),
  HTTP: async (folder, config, children) => {
    const { url } = await startBuiltServer(folder, children, '--config', config);
    // The package's own type leaves a property open that the interface has closed.
    return new StreamableHTTPClientTransport(new URL(url)) as Transport;
  },
};

async function setUp({ onTestFinished }: TestContext, transport: string) {
  const { folder, remove } = await makeFolder();
  const fake = await startFakeOpenAi();
  const children: ChildProcess[] = [];
  const client = new Client({ name: 'e2e', version: '1' });
  onTestFinished(async () => {
    await client.close();
    for (const child of children) child.kill('SIGKILL');
    await fake.stop();
    await remove();
  });
  const config = path.join(folder, 'config.json');
  const write = (key: string) =>
    writeFileSync(
      config,
      JSON.stringify({
        openai_api_key: key,
        openai_base_url: fake.baseUrl,
        llm_model: 'fake-model',
        data_storage_path: 'data',
        short_term_capacity: 4,
      }),
    );
  write('wrong-key');
  const connected = await transports[transport]?.(folder, config, children);
  if (connected === undefined) throw new Error(`There is no transport ${transport}.`);
  await client.connect(connected);
  const call = async <T>(name: string, args: Record<string, unknown> = {}) => {
    const result = (await client.callTool({ name, arguments: args })) as CallToolResult;
    expect(result.isError, JSON.stringify(result.content)).toBeFalsy();
    return result.structuredContent as T;
  };
  const analysis = async () => (await call<StatsResult>('get_memory_stats')).analysis;
  return { write, call, analysis };
}

describe('a server that keeps running while its configuration file is corrected', { timeout: 60_000 }, () => {
  it.for(Object.keys(transports))('continues the analysis (%s)', async (transport, context) => {
    const { write, call, analysis } = await setUp(context, transport);
    for (const [user_input, agent_response] of toldExchanges)
      await call('add_memory', { user_input, agent_response });
    await until('it is paused', async () => (await analysis()).paused);
    expect(await analysis()).toMatchObject({ pages_waiting: 6, next_try_at: null });
    write('fake-key');
    await until('all is analysed', async () => {
      const { pages_waiting, paused, last_error } = await analysis();
      return pages_waiting === 0 && !paused && last_error === null;
    });
  });
});
