import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { httpServer } from '../interop/tools.js';
import { cliPath, plainEnv, RawServer } from '../support/cli-process.js';
import { exerciseSurface } from '../support/exercise-surface.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'memoryos-second-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const serverArgs = () => ['--data', path.join(folder, 'data'), '--log-level', 'error'];

/** The client of the 2.x SDK, in both eras of the protocol: `auto` finds the newest revision. */
describe.each([
  { mode: 'auto', era: 'modern', version: '2026-07-28' },
  { mode: 'legacy', era: 'legacy', version: '2025-11-25' },
] as const)('the 2.x client, $era', ({ mode, era, version }) => {
  const newClient = () => new Client({ name: 'second', version: '1' }, { versionNegotiation: { mode } });

  it('works over stdio', async () => {
    const client = newClient();
    const args = [cliPath, ...serverArgs()];
    await client.connect(new StdioClientTransport({ command: process.execPath, args, env: plainEnv() }));
    try {
      expect(client.getServerVersion()).toMatchObject({ name: 'memoryos-mcp' });
      expect(client.getProtocolEra()).toBe(era);
      expect(client.getNegotiatedProtocolVersion()).toBe(version);
      expect(client.getInstructions()).toContain('retrieve_memory');
      await exerciseSurface(client);
    } finally {
      await client.close();
    }
  });

  it('works over HTTP', async () => {
    const server = await httpServer(path.join(folder, 'data'));
    const client = newClient();
    try {
      await client.connect(new StreamableHTTPClientTransport(new URL(server.url)));
      expect(client.getProtocolEra()).toBe(era);
      expect(client.getInstructions()).toContain('retrieve_memory');
      await exerciseSurface(client);
      await client.close();
    } finally {
      await server.stop();
    }
  });
});

describe('over stdio', () => {
  const envelope = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };

  it('a client may send server/discover and then initialize', async () => {
    const server = new RawServer(serverArgs());
    server.send({ id: 99, method: 'server/discover', params: { _meta: envelope } });
    expect(await server.answerTo(99)).toMatchObject({
      result: { supportedVersions: ['2026-07-28'], instructions: expect.stringContaining('add_memory') },
    });
    expect(await server.initialize('2025-06-18')).toMatchObject({
      result: { protocolVersion: '2025-06-18', capabilities: { logging: {} } },
    });
    server.send({ id: 1, method: 'tools/list' });
    expect(await server.answerTo(1)).toMatchObject({ result: { tools: expect.anything() } });
    server.child.stdin.end();
    expect((await server.ended).code).toBe(0);
    expect(server.notMessages).toEqual([]);
  });

  it('a subscription receives changes, and does not prevent the server from ending', async () => {
    const server = new RawServer(serverArgs());
    server.send({
      id: 1,
      method: 'subscriptions/listen',
      params: { _meta: envelope, notifications: { resourceSubscriptions: ['memoryos://status'] } },
    });
    await expect
      .poll(() => server.received.map(({ method }) => method))
      .toContain('notifications/subscriptions/acknowledged');
    const args = { user_input: 'I play the oboe', agent_response: 'Lovely' };
    server.send({
      id: 2,
      method: 'tools/call',
      params: { name: 'add_memory', arguments: args, _meta: envelope },
    });
    expect(await server.answerTo(2)).toMatchObject({ result: { structuredContent: { status: 'success' } } });
    await expect
      .poll(() => server.received.find(({ method }) => method === 'notifications/resources/updated'))
      .toMatchObject({ params: { uri: 'memoryos://status' } });
    server.child.stdin.end();
    expect((await server.ended).code).toBe(0);
  });
});
