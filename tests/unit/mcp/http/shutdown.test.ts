import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeEngine } from '../../../support/fake-engine.js';
import { openStream } from '../../../support/http/event-stream.js';
import { rawConnection } from '../../../support/http/raw.js';
import { type TestServer, type TestSession, testServer } from '../../../support/http/test-server.js';

let server: TestServer;
let session: TestSession;
let started: boolean;
let release: () => void;
beforeEach(async () => {
  started = false;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  server = await testServer({
    limits: { drainMs: 500 },
    engine: () =>
      fakeEngine({
        add: async () => {
          started = true;
          await gate;
          throw new Error('the test has no memory');
        },
      }),
  });
  session = await server.begin();
});
afterEach(async () => {
  release();
  await server.stop();
});
const add = () => session.call('add_memory', { user_input: 'a', agent_response: 'b' });

describe('stopping', () => {
  it('answers requests in progress first', async () => {
    const waiting = add();
    await expect.poll(() => started).toBe(true);
    const stopped = server.stop();
    release();
    expect((await waiting).json.result.isError).toBe(true);
    await stopped;
  });

  it('waits for them only for a limited time, and then says so', async () => {
    const waiting = add();
    await expect.poll(() => started).toBe(true);
    await server.stop();
    expect((await waiting).json).toMatchObject({
      id: 1,
      error: { message: expect.stringContaining('ended') },
    });
  });

  it('accepts nothing new: 503 on open connections, no new connections', async () => {
    const open = await rawConnection(server.url);
    open.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await expect.poll(() => open.received()).toContain('200 OK');
    const waiting = add();
    await expect.poll(() => started).toBe(true);
    // Half a request keeps the connection from counting as idle.
    open.write('GET /readyz HTTP/1.1\r\n');
    await new Promise((resolve) => setTimeout(resolve, 50));
    const stopped = server.stop();
    open.write('Host: localhost\r\n\r\nGET /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await expect.poll(() => open.received()).toMatch(/503[\s\S]*not ready/);
    await expect(server.send({ path: '/healthz' })).rejects.toThrow();
    release();
    await waiting;
    await stopped;
  });

  it('ends open streams at once when no request is in progress', async () => {
    const stream = await openStream(server.url, { headers: session.headers });
    await server.stop();
    await expect.poll(() => stream.isOver()).toBe(true);
  });

  it('may be requested twice', async () => {
    await Promise.all([server.stop(), server.stop()]);
  });
});
