import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import {
  type CallToolResult,
  LoggingMessageNotificationSchema,
  ResourceListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AddResult, RetrieveResult, StatsResult } from '../../src/model/results.js';
import { cliPath, plainEnv, RawServer } from '../support/cli-process.js';

let folder: string;
let data: string;
const clients: Client[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'memoryos-stdio-'));
  data = path.join(folder, 'data');
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  rmSync(folder, { recursive: true, force: true });
});

async function connect(args: readonly string[] = [], cwd = '/'): Promise<Client> {
  const client = new Client({ name: 'e2e', version: '1' });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [cliPath, '--data', data, '--log-level', 'error', ...args],
    env: plainEnv(),
    cwd,
  });
  await client.connect(transport);
  clients.push(client);
  return client;
}

async function call<T>(client: Client, name: string, args: Record<string, unknown> = {}): Promise<T> {
  const result = (await client.callTool({ name, arguments: args })) as CallToolResult;
  expect(result.isError, JSON.stringify(result.content)).toBeFalsy();
  return result.structuredContent as T;
}

const add = (client: Client, user_input: string) =>
  call<AddResult>(client, 'add_memory', { user_input, agent_response: `I heard: ${user_input}` });

describe('a client', () => {
  it('is remembered after a restart', async () => {
    const first = await connect();
    const { tools } = await first.listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      'add_memory',
      'retrieve_memory',
      'get_user_profile',
      'update_memory',
      'consolidate_memory',
      'forget_memory',
      'get_memory_stats',
    ]);
    const { page_id } = await add(first, 'My sister Klara plays the oboe');
    await first.close();

    const second = await connect();
    const found = await call<RetrieveResult>(second, 'retrieve_memory', {
      query: 'Which instrument does Klara play?',
    });
    expect(found.short_term_memory.map((page) => page.page_id)).toEqual([page_id]);
  });

  it('gets all text back unchanged', async () => {
    const client = await connect();
    const user_input = ' \u0000\u001b[31m שלום مرحبا 👩‍👩‍👧 \u202e漢字\r\n"\\u0000" ';
    await call(client, 'add_memory', { user_input, agent_response: '' });
    // Another session, because a session does not get back exchanges that it has just stored.
    const found = await call<RetrieveResult>(await connect(), 'retrieve_memory', { query: '漢字' });
    expect(found.short_term_memory[0]?.user_input).toBe(user_input);
  });

  it('sees what another process on the same folder wrote, and is notified of it', async () => {
    const watcher = await connect();
    const updated: string[] = [];
    let listChanges = 0;
    watcher.setNotificationHandler(
      ResourceUpdatedNotificationSchema,
      ({ params }) => void updated.push(params.uri),
    );
    watcher.setNotificationHandler(ResourceListChangedNotificationSchema, () => {
      listChanges += 1;
    });
    await watcher.subscribeResource({ uri: 'memoryos://status' });
    await watcher.subscribeResource({ uri: 'memoryos://segments' });

    const writer = await connect(['--user', 'default_user']);
    for (let i = 0; i < 12; i += 1) await add(writer, `note number ${i} about the garden and its roses`);
    await expect.poll(() => updated, { timeout: 15_000 }).toContain('memoryos://status');
    await expect.poll(() => listChanges, { timeout: 15_000 }).toBeGreaterThan(0);
    await expect.poll(() => updated, { timeout: 15_000 }).toContain('memoryos://segments');

    const { resources } = await watcher.listResources();
    const segment = resources.find(({ uri }) => uri.startsWith('memoryos://segments/'));
    const { contents } = await watcher.readResource({ uri: segment?.uri ?? '' });
    const [content] = contents;
    expect(JSON.parse(content !== undefined && 'text' in content ? content.text : '')).toMatchObject({
      segment_id: segment?.name,
      page_list: expect.arrayContaining([
        expect.objectContaining({ user_input: expect.stringContaining('roses') }),
      ]),
    });
  });

  it('keeps users apart', async () => {
    const alice = await connect(['--user', 'alice']);
    await add(alice, 'The safe is behind the picture');
    const bob = await connect(['--user', 'bob']);
    const found = await call<RetrieveResult>(bob, 'retrieve_memory', { query: 'Where is the safe?' });
    expect(found.short_term_memory).toEqual([]);
    expect(JSON.stringify(found)).not.toContain('picture');
  });

  it('gets clear errors for refused input, and nothing is stored', async () => {
    const client = await connect();
    const refused: [Record<string, unknown>, RegExp][] = [
      [{ user_input: ' ', agent_response: '\n' }, /INPUT_INVALID/],
      [{ user_input: 'a', agent_response: 'b', timestamp: 'yesterday' }, /timestamp/],
      [{ user_input: 'a', agent_response: 'b', timestamp: '2026-02-31' }, /timestamp/],
      [{ user_input: 'a', agent_response: 'b', meta_data: JSON.parse('{"__proto__":{"x":1}}') }, /__proto__/],
      [
        {
          user_input: 'a',
          agent_response: 'b',
          meta_data: JSON.parse(`${'{"a":'.repeat(500)}1${'}'.repeat(500)}`),
        },
        /nested/,
      ],
    ];
    for (const [args, expected] of refused) {
      const result = (await client.callTool({ name: 'add_memory', arguments: args })) as CallToolResult;
      expect(result.isError, JSON.stringify(args).slice(0, 100)).toBe(true);
      expect(JSON.stringify(result.content)).toMatch(expected);
    }
    const stats = await call<StatsResult>(client, 'get_memory_stats');
    expect(stats.short_term.pages).toBe(0);
  });

  it('has unpaired surrogates replaced, and the rest kept', async () => {
    const client = await connect();
    await add(client, 'half \ud800 pair');
    const found = await call<RetrieveResult>(await connect(), 'retrieve_memory', {
      query: 'half a pair \udc00',
    });
    expect(found.short_term_memory[0]?.user_input).toBe('half \ufffd pair');
  });

  it('may add past exchanges in any order, but no future ones', async () => {
    const client = await connect();
    const times = ['2024-01-01T00:00:00Z', '1999-12-31 23:59:59', '2025-03-04T17:05:00+01:00'];
    const kept = [];
    for (const timestamp of times) {
      const { timestamp: stored } = await call<AddResult>(client, 'add_memory', {
        ...{ user_input: 'x', agent_response: 'y', timestamp },
      });
      kept.push(stored);
    }
    expect(kept).toEqual([
      '2024-01-01T00:00:00.000Z',
      '1999-12-31T23:59:59.000Z',
      '2025-03-04T16:05:00.000Z',
    ]);
    const future = { user_input: 'x', agent_response: 'y', timestamp: '2999-01-01T00:00:00Z' };
    const refused = (await client.callTool({ name: 'add_memory', arguments: future })) as CallToolResult;
    expect(refused.isError).toBe(true);
    expect(JSON.stringify(refused.content)).toContain('is in the future');
  });

  it.each(['CON', 'ünï: 漢 👋?', 'a'.repeat(128)])('may be of the user %s', async (user) => {
    await add(await connect(['--user', user]), 'My name is what it is');
    const again = await connect(['--user', user]);
    expect(await call<StatsResult>(again, 'get_memory_stats')).toMatchObject({
      user_id: user,
      short_term: { pages: 1 },
    });
  });

  it('may send a megabyte', async () => {
    const client = await connect();
    await add(client, 'lorem ipsum '.repeat(90_000));
    const stats = await call<StatsResult>(client, 'get_memory_stats');
    expect(stats.short_term.pages).toBe(1);
  });

  it('learns from results and the log that the data folder is a file', async () => {
    data = path.join(folder, 'file');
    writeFileSync(data, 'x');
    const client = await connect();
    const logged: unknown[] = [];
    client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void logged.push(params));
    const result = (await client.callTool({
      name: 'add_memory',
      arguments: { user_input: 'a', agent_response: 'b' },
    })) as CallToolResult;
    expect(result.isError).toBe(true);
    expect(JSON.stringify(result.content)).toMatch(/STORE_IO[\s\S]*doctor/);
    await expect.poll(() => logged).toMatchObject([{ level: 'error', logger: 'memoryos-mcp' }]);
  });
});

describe('the protocol', () => {
  it.each(['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'])('speaks revision %s', async (version) => {
    const server = new RawServer(['--data', data]);
    expect(await server.initialize(version)).toMatchObject({ result: { protocolVersion: version } });
    server.child.stdin.end();
    expect((await server.ended).code).toBe(0);
  });

  it('answers invalid messages and continues', async () => {
    const server = new RawServer(['--data', data]);
    await server.initialize();
    server.sendText('not json\n');
    expect(await server.answerTo(null)).toMatchObject({ error: { code: -32700 } });
    server.send({ id: 7, method: 'no/such/method' });
    expect(await server.answerTo(7)).toMatchObject({ error: { code: -32601 } });
    server.send({ id: 8, method: 'resources/read', params: { uri: 'memoryos://nothing' } });
    expect(await server.answerTo(8)).toMatchObject({ error: { code: -32602 } });
    server.send({ id: 9, method: 'ping' });
    expect(await server.answerTo(9)).toMatchObject({ result: {} });
    server.child.stdin.end();
    await server.ended;
    expect(server.notMessages).toEqual([]);
  });

  it('has stdout for itself, at every log level', async () => {
    const server = new RawServer(['--data', data, '--log-level', 'debug']);
    await server.initialize();
    server.send({ id: 1, method: 'tools/call', params: { name: 'get_memory_stats', arguments: {} } });
    await server.answerTo(1);
    server.child.stdin.end();
    const { stderr } = await server.ended;
    expect(server.notMessages).toEqual([]);
    expect(stderr).toMatch(
      /"tool":"get_memory_stats","user":"[0-9a-f]{12}","duration_ms":[\d.]+,"outcome":"success"/,
    );
    expect(stderr).not.toContain('default_user"');
    for (const line of stderr.trim().split('\n'))
      expect(JSON.parse(line)).toMatchObject({ name: 'memoryos-mcp' });
  });
});

describe('ending', () => {
  const page = (i: number) => ({ user_input: `page ${i}`, agent_response: 'noted' });

  it('answers and stores everything that arrived before the client left', async () => {
    const server = new RawServer(['--data', data]);
    await server.initialize();
    server.send({ id: 1, method: 'tools/call', params: { name: 'add_memory', arguments: page(1) } });
    await server.answerTo(1);
    for (let id = 2; id <= 30; id += 1) {
      server.send({ id, method: 'tools/call', params: { name: 'add_memory', arguments: page(id) } });
    }
    server.child.stdin.end();
    expect((await server.ended).code).toBe(0);
    const ids = server.received
      .filter((message) => message.result !== undefined)
      .map((message) => message.id);
    expect(ids).toEqual(expect.arrayContaining([...Array(30).keys()].map((i) => i + 1)));

    const again = await connect();
    const stats = await call<StatsResult>(again, 'get_memory_stats');
    expect(stats.short_term.pages + stats.mid_term.pages).toBe(30);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('saves and ends with 0 on %s', async (signal) => {
    const server = new RawServer(['--data', data]);
    await server.initialize();
    server.send({ id: 1, method: 'tools/call', params: { name: 'add_memory', arguments: page(1) } });
    await server.answerTo(1);
    server.child.kill(signal);
    expect((await server.ended).code).toBe(0);
    expect(readdirSync(path.join(data, 'users'))).toEqual(['default_user']);
    const stats = await call<StatsResult>(await connect(), 'get_memory_stats');
    expect(stats.short_term.pages).toBe(1);
  });

  it('ends when its answers have no reader any more', async () => {
    const server = new RawServer(['--data', data]);
    await server.initialize();
    server.child.stdout.destroy();
    server.send({ id: 1, method: 'ping' });
    server.send({ id: 2, method: 'ping' });
    expect((await server.ended).code).toBe(0);
  });
});
