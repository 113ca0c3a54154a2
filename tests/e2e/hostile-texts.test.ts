import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostileTexts } from '../../bench/stalls/texts.js';
import { httpServer } from '../interop/tools.js';
import { RawServer } from '../support/cli-process.js';
import { describeHostileTexts, fewHostileTexts } from '../support/hostile-text.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'memoryos-hostile-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const texts = hostileTexts(1024 * 1024);
const start = () => new RawServer(['--data', path.join(folder, 'data'), '--log-level', 'error']);

describeHostileTexts(fewHostileTexts);

/** Waits for the end of the server, which takes at most two seconds whatever the server is doing. */
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
