import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { httpServer } from '../interop/tools.js';
import { cliPath, plainEnv } from '../support/cli-process.js';
import { exerciseSurface } from '../support/exercise-surface.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'memoryos-second-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Another implementation of the protocol than the one the server is built with, looking for its newest revision. */
describe('the 2.x client', () => {
  it('works over stdio', async () => {
    const client = new Client({ name: 'second', version: '1' }, { versionNegotiation: { mode: 'auto' } });
    const args = [cliPath, '--data', path.join(folder, 'data'), '--log-level', 'error'];
    await client.connect(new StdioClientTransport({ command: process.execPath, args, env: plainEnv() }));
    try {
      expect(client.getServerVersion()).toMatchObject({ name: 'memoryos-mcp' });
      await exerciseSurface(client);
    } finally {
      await client.close();
    }
  });

  it('works over HTTP', async () => {
    const server = await httpServer(path.join(folder, 'data'));
    const client = new Client({ name: 'second', version: '1' }, { versionNegotiation: { mode: 'auto' } });
    try {
      await client.connect(new StreamableHTTPClientTransport(new URL(server.url)));
      await exerciseSurface(client);
      await client.close();
    } finally {
      await server.stop();
    }
  });
});
