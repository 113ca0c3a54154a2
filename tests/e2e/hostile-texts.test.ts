import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostileTexts } from '../../bench/stalls/texts.js';
import { httpServer } from '../interop/tools.js';
import { RawServer } from '../support/cli-process.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'memoryos-hostile-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const characters = 1024 * 1024;
const texts = hostileTexts(characters);
const start = () => new RawServer(['--data', path.join(folder, 'data'), '--log-level', 'error']);

async function call(server: RawServer, id: number, name: string, args: object) {
  server.send({ id, method: 'tools/call', params: { name, arguments: args } });
  return server.answerTo(id);
}

describe('a text of a megabyte', () => {
  it.each(Object.keys(texts))(
    'is stored, found and read after a restart, while others are answered: %s',
    async (name) => {
      const text = texts[name] ?? '';
      const first = start();
      await first.initialize();
      const added = call(first, 1, 'add_memory', { user_input: text, agent_response: 'I see.' });
      first.send({ id: 2, method: 'ping' });
      expect(await first.answerTo(2)).toMatchObject({ result: {} });
      expect(await added).toMatchObject({ result: { structuredContent: { status: 'success' } } });
      first.child.kill('SIGTERM');
      expect((await first.ended).code).toBe(0);

      const second = start();
      await second.initialize();
      const query = text.slice(0, 1000);
      const found = await call(second, 1, 'retrieve_memory', { query });
      expect(found).toMatchObject({ result: { structuredContent: { status: 'success' } } });
      second.child.stdin.end();
      expect((await second.ended).code).toBe(0);
    },
  );
});

/** The server ends itself after two seconds at the latest; the test only waits for that, whatever it is doing. */
describe.skipIf(process.platform === 'win32')('SIGTERM', () => {
  it('does not prevent a clean end of the server while it is read', async () => {
    const server = start();
    await server.initialize();
    for (const [index, text] of Object.values(texts).entries()) {
      server.send({
        id: index + 1,
        method: 'tools/call',
        params: { name: 'add_memory', arguments: { user_input: text, agent_response: text } },
      });
    }
    await server.answerTo(1);
    server.child.kill('SIGTERM');
    expect(await server.ended).toMatchObject({ code: 0 });
  });

  it('does not prevent the end of the HTTP server in a request that never ends', async () => {
    const server = await httpServer(path.join(folder, 'data'));
    const request = fetch(server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode('{"jsonrpc')),
      }),
      duplex: 'half',
    } as RequestInit & { duplex: 'half' }).catch(() => null);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await server.stop();
    await request;
  });
});
