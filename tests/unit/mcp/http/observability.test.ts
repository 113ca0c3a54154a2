import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { onLockWait } from '../../../../src/app/lock-waits.js';
import { Metrics } from '../../../../src/mcp/http/metrics.js';
import { userHash } from '../../../../src/mcp/user-hash.js';
import { MemoryError } from '../../../../src/model/errors.js';
import { toUserId } from '../../../../src/model/ids.js';
import { fakeEngine } from '../../../support/fake-engine.js';
import { openStream } from '../../../support/http/event-stream.js';
import {
  bearer,
  initialize,
  jsonHeaders,
  type TestServer,
  testServer,
} from '../../../support/http/test-server.js';
import { emptyStats } from '../../../support/results.js';

const secret = 'My cat is called Mimi.';
let server: TestServer;
beforeEach(async () => {
  server = await testServer({ onLockWait });
});
afterEach(() => server.stop());

const lines = () => server.log.filter((line) => line.message === 'request');
const metrics = async (headers: Readonly<Record<string, string>> = {}) =>
  (await server.send({ path: '/metrics', headers })).text;

describe('the log', () => {
  it('has one line for each request: tool, user hash, duration, outcome', async () => {
    const session = await server.begin();
    server.log.length = 0;
    await session.call('add_memory', { user_input: secret, agent_response: 'Lovely.' });
    await session.call('retrieve_memory', { query: secret, max_results: 0 });
    await session.call('no_such_tool', {});
    await session.send({ id: 'x', method: 'tools/list' });
    await session.send({ id: 'y', method: 'secret/method' });
    expect(lines().map((line) => line.fields)).toEqual(
      [
        { tool: 'add_memory', outcome: 'success' },
        { tool: 'retrieve_memory', outcome: 'INPUT_INVALID' },
        { method: 'tools/call', outcome: 'protocol_error' },
        { method: 'tools/list', outcome: 'success' },
        { method: 'other', outcome: 'protocol_error' },
      ].map((fields) => ({
        ...fields,
        user: userHash(toUserId('local')),
        duration_ms: expect.any(Number),
      })),
    );
    expect(lines().every((line) => line.level === 'info')).toBe(true);
  });

  it('has one line for a request without JSON-RPC', async () => {
    const session = await server.begin();
    server.log.length = 0;
    const stream = await openStream(server.url, { headers: session.headers });
    await server.send({ method: 'POST', headers: jsonHeaders, body: 'no json' });
    await server.send({ path: '/etc/passwd?secret=1' });
    await session.end();
    await expect.poll(() => stream.isOver()).toBe(true);
    await expect
      .poll(() =>
        lines()
          .map(({ fields }) => `${fields.method} ${fields.status} ${fields.outcome}`)
          .sort(),
      )
      .toEqual([
        'DELETE /mcp 200 success',
        'GET /mcp 200 success',
        'GET other 404 refused',
        'POST /mcp 400 refused',
      ]);
    expect(JSON.stringify(lines())).not.toMatch(/passwd|secret/);
  });

  it('has one line for a stream of progress, when its answer is sent', async () => {
    const session = await server.begin();
    server.log.length = 0;
    const stream = await openStream(server.url, {
      method: 'POST',
      headers: session.headers,
      body: {
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'get_memory_stats', arguments: {}, _meta: { progressToken: 1 } },
      },
    });
    await expect.poll(() => stream.isOver()).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(lines().map(({ fields }) => fields.tool)).toEqual(['get_memory_stats']);
  });

  it('never contains content, names of users, tokens or session ids', async () => {
    const { token, id } = await server.token('alice.liddell');
    const session = await server.begin(token);
    await session.call('add_memory', {
      user_input: secret,
      agent_response: secret,
      meta_data: { note: secret },
    });
    await session.call('retrieve_memory', { query: secret, style_hint: secret, nonsense: secret });
    await session.call(secret, {});
    await session.send({ id: secret, method: secret, params: { x: secret } });
    await server.send({ method: 'POST', headers: session.headers, body: `{"user_input": "${secret}` });
    await server.send({ path: '/metrics', headers: bearer(`${token}x`) });
    await session.send({ id: 1, method: 'resources/read', params: { uri: `memoryos://segments/${secret}` } });
    await session.send({
      id: 2,
      method: 'prompts/get',
      params: { name: 'recall', arguments: { topic: secret } },
    });
    await session.end();
    const all = JSON.stringify(server.log);
    for (const word of ['Mimi', 'liddell', token, token.slice(-43), session.id])
      expect(all).not.toContain(word);
    expect(id).toHaveLength(12);
    expect(await metrics(bearer(token))).not.toMatch(/Mimi|liddell/);
  });

  it('names a user by the same hash each time, and another user by another', () => {
    expect(userHash(toUserId('alice'))).toMatch(/^[0-9a-f]{12}$/);
    expect(userHash(toUserId('alice'))).toBe(userHash(toUserId('alice')));
    expect(userHash(toUserId('alice'))).not.toBe(userHash(toUserId('bob')));
  });
});

describe('the metrics', () => {
  it('count requests by tool and outcome, with their durations', async () => {
    const session = await server.begin();
    for (const text of ['a', 'b', ''])
      await session.call('add_memory', { user_input: text, agent_response: '' });
    const text = await metrics();
    expect(text).toMatch(/^memoryos_requests_total\{request="add_memory",outcome="success"\} 2$/m);
    expect(text).toMatch(/^memoryos_requests_total\{request="add_memory",outcome="INPUT_INVALID"\} 1$/m);
    expect(text).toMatch(/^memoryos_requests_total\{request="initialize",outcome="success"\} 1$/m);
    expect(text).toMatch(/^memoryos_request_duration_seconds_count\{request="add_memory"\} 3$/m);
    expect(text).toMatch(/^process_resident_memory_bytes \d+/m);
    expect(text).toMatch(/^nodejs_eventloop_lag_seconds /m);
  });

  it('report the sizes of the tiers, waits for locks, sessions and open users, over all users', async () => {
    const tokens = [await server.token('alice'), await server.token('bob')];
    for (const { token } of tokens) {
      const session = await server.begin(token);
      await session.call('add_memory', { user_input: 'a', agent_response: 'b' });
    }
    const text = await metrics(bearer(tokens[0]?.token ?? ''));
    expect(text).toMatch(/^memoryos_sessions 2$/m);
    expect(text).toMatch(/^memoryos_open_users 2$/m);
    expect(text).toMatch(/^memoryos_pages\{of="short_term"\} 2$/m);
    expect(text).toMatch(/^memoryos_segments\{of="mid_term"\} 0$/m);
    expect(text).toMatch(/^memoryos_analysis_waiting\{of="pages"\} 0$/m);
    expect(Number(/^memoryos_lock_wait_seconds_count (\d+)$/m.exec(text)?.[1])).toBeGreaterThanOrEqual(2);
  });

  it('count refusals by status', async () => {
    await server.send({
      method: 'POST',
      headers: { ...jsonHeaders, Host: 'evil.example' },
      body: initialize(),
    });
    await server.send({ path: '/nothing' });
    await expect.poll(metrics).toMatch(/^memoryos_http_refusals_total\{status="403"\} 1$/m);
    expect(await metrics()).toMatch(/^memoryos_http_refusals_total\{status="404"\} 1$/m);
  });

  it('use no label from what strangers send', async () => {
    const session = await server.begin();
    for (let count = 0; count < 50; count += 1) {
      await session.send({ id: count, method: `method/${count}` });
      await session.call(`tool_${count}`, {});
    }
    const text = await metrics();
    expect(text.match(/^memoryos_requests_total\{/gm)?.length).toBeLessThan(6);
  });

  it('require a token when tokens are required, and refuse a forged host', async () => {
    expect((await server.send({ path: '/metrics', headers: { Host: 'evil.example' } })).status).toBe(403);
    const { token } = await server.token('alice');
    expect((await server.send({ path: '/metrics' })).status).toBe(401);
    expect((await server.send({ path: '/metrics', headers: bearer(token) })).status).toBe(200);
  });

  it('count the calls and tokens of the language model that all memories share, and never decrease', async () => {
    const metricsOfLlm = new Metrics();
    const stats = (calls: number) => ({
      ...emptyStats,
      analysis: {
        ...emptyStats.analysis,
        llm: { calls, prompt_tokens: calls * 100, completion_tokens: calls * 10 },
      },
    });
    const figures = { sessions: 0, openUsers: 0, eventBytes: 0 };
    await metricsOfLlm.text({ ...figures, stats: [stats(3), stats(3)] });
    await metricsOfLlm.text({ ...figures, stats: [] });
    const text = await metricsOfLlm.text({ ...figures, stats: [stats(5), emptyStats] });
    metricsOfLlm.close();
    expect(text).toMatch(/^memoryos_llm_calls_total 5$/m);
    expect(text).toMatch(/^memoryos_llm_tokens_total\{kind="prompt"\} 500$/m);
    expect(text).toMatch(/^memoryos_llm_tokens_total\{kind="completion"\} 50$/m);
  });
});

describe('an internal error of the server', () => {
  it('is reported without details, which go to the log', async () => {
    const broken = await testServer({
      tokens: {
        any: async () => Promise.reject(new Error('EIO /data/tokens')),
        anyValid: async () => true,
        verify: async () => null,
        isValid: async () => false,
      },
    });
    try {
      const answer = await broken.send({ method: 'POST', headers: jsonHeaders, body: initialize() });
      expect(answer.status).toBe(500);
      expect(answer.text).not.toContain('EIO');
      expect(answer.json.error.code).toBe(-32603);
      expect(broken.log.some((line) => line.level === 'error' && line.message.includes('EIO'))).toBe(true);
      await expect.poll(() => broken.log.some((line) => line.fields.status === 500)).toBe(true);
    } finally {
      await broken.stop();
    }
  });

  it('in a tool is an error result, and a line in the log', async () => {
    const broken = await testServer({
      engine: () =>
        fakeEngine({
          add: async () => {
            throw new MemoryError('STORE_IO', 'users/x cannot be written.');
          },
        }),
    });
    try {
      const session = await broken.begin();
      const answer = await session.call('add_memory', { user_input: 'a', agent_response: 'b' });
      expect(answer.json.result.isError).toBe(true);
      expect(broken.log.some((line) => line.fields.outcome === 'STORE_IO')).toBe(true);
      expect(broken.log.some((line) => line.level === 'error')).toBe(true);
    } finally {
      await broken.stop();
    }
  });
});
