import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { EventLog } from '../../../../src/mcp/http/event-log.js';
import { SessionTransport } from '../../../../src/mcp/http/session-transport.js';
import { initialize, jsonHeaders } from '../../../support/http/test-server.js';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** A transport that answers each request with a different text. */
async function answering(): Promise<SessionTransport> {
  const transport = new SessionTransport('session', {
    events: new EventLog(1_000_000).session(),
    commentEveryMs: 15_000,
    observe: () => undefined,
  });
  transport.onmessage = (message) => {
    if (!('id' in message) || !('method' in message)) return;
    setImmediate(
      () => void transport.send({ jsonrpc: '2.0', id: message.id, result: { text: 'x'.repeat(100) } }),
    );
  };
  await transport.start();
  await transport.begin(request({}), initialize());
  return transport;
}

const request = (headers: Readonly<Record<string, string>>) =>
  new Request('http://localhost/mcp', { method: 'POST', headers: { ...jsonHeaders, ...headers } });

it.each([
  ['plain', {}],
  ['as a stream', { _meta: { progressToken: 1 } }],
])('does not keep the answers it has given: %s', async (_what, params) => {
  const transport = await answering();
  const answers: WeakRef<Response>[] = [];
  for (let id = 1; id <= 50; id += 1) {
    const body = { jsonrpc: '2.0', id, method: 'ping', params };
    const answer = await transport.handle(request({ 'mcp-session-id': 'session' }), body, true);
    expect(await answer.text()).toContain('xxx');
    answers.push(new WeakRef(answer));
  }
  await expect
    .poll(() => {
      collectGarbage();
      return answers.filter((answer) => answer.deref() !== undefined).length;
    })
    .toBeLessThan(5);
  expect(transport.pending).toBe(0);
  await transport.close();
});

it('accepts nothing after closing', async () => {
  const transport = await answering();
  await transport.close();
  const body = { jsonrpc: '2.0', id: 1, method: 'ping' };
  expect((await transport.handle(request({ 'mcp-session-id': 'session' }), body, true)).status).toBe(404);
});
