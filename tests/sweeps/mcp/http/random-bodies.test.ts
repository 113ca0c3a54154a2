import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  bearer,
  initialize,
  jsonHeaders,
  type TestServer,
  type TestSession,
  testServer,
} from '../../../support/http/test-server.js';

/** Number of bodies, for all properties of this file together. */
const bodies = 2000;
const secret = 'Mimi';

let server: TestServer;
let victim: TestSession;
let attacker: TestSession;
let token: string;

beforeAll(async () => {
  server = await testServer({
    sessionsMax: 1_000_000,
    sessionsPerUserMax: 1_000_000,
  });
  victim = await server.begin((await server.token('victim')).token);
  await victim.call('add_memory', { user_input: `My cat is called ${secret}.`, agent_response: 'Lovely.' });
  ({ token } = await server.token('attacker'));
  attacker = await server.begin(token);
});
afterAll(() => server.stop());

const methods = fc.constantFrom(
  'initialize',
  'notifications/initialized',
  'notifications/cancelled',
  'ping',
  'tools/list',
  'tools/call',
  'resources/list',
  'resources/read',
  'resources/subscribe',
  'resources/unsubscribe',
  'prompts/get',
  'completion/complete',
  'logging/setLevel',
  'sampling/createMessage',
  '',
  '__proto__',
  'constructor',
);
const hostile = fc.constantFrom(
  '../../victim',
  '..\\..\\victim',
  '/etc/passwd',
  'victim',
  'users/victim/short_term.json',
  '\u0000',
  '%2e%2e%2fvictim',
  'memoryos://segments/../../victim',
  'memoryos://status',
  'file:///etc/passwd',
  '\ud800',
  '__proto__',
  'CON',
  'x'.repeat(5000),
  '$(id)',
  '{{7*7}}',
  '<script>',
  "'; DROP TABLE users; --",
);
const names = fc.constantFrom(
  'user_input',
  'agent_response',
  'timestamp',
  'meta_data',
  'query',
  'max_results',
  'max_tokens',
  'page_ids',
  'fact_ids',
  'before',
  'confirm',
  'user_id',
  'assistant_id',
  '_meta',
  'progressToken',
  'uri',
  'name',
  'arguments',
  'cursor',
  'requestId',
  'level',
  'ref',
  'argument',
  '__proto__',
  'constructor',
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    hostile,
    fc.string({ unit: 'binary' }),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(names, fc.string()), tie('any'), { maxKeys: 5 }),
  ),
})).any;
const tools = fc.constantFrom(
  'add_memory',
  'retrieve_memory',
  'get_user_profile',
  'update_memory',
  'consolidate_memory',
  'forget_memory',
  'get_memory_stats',
  'no_such',
);
const call = fc.record({
  jsonrpc: fc.constant('2.0'),
  id: fc.integer(),
  method: fc.constant('tools/call'),
  params: fc.record({
    name: fc.oneof(tools, hostile),
    arguments: fc.oneof(fc.dictionary(names, value, { maxKeys: 5 }), value),
  }),
});
const message = fc.record(
  {
    jsonrpc: fc.oneof(fc.constant('2.0'), value),
    id: value,
    method: fc.oneof(methods, fc.string()),
    params: value,
    result: value,
    error: value,
  },
  { requiredKeys: [] },
);
const asJson = (one: unknown) => JSON.stringify(one) ?? '';
const text = fc.oneof(
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: value.map(asJson) },
  { weight: 2, arbitrary: message.map(asJson) },
  { weight: 3, arbitrary: call.map(asJson) },
  { weight: 1, arbitrary: fc.array(fc.oneof(message, call), { maxLength: 5 }).map(asJson) },
  // Complete messages with one byte changed.
  {
    weight: 2,
    arbitrary: fc.tuple(call, fc.nat(), fc.nat(255)).map(([one, at, byte]) => {
      const bytes = Buffer.from(JSON.stringify(one));
      bytes[at % bytes.length] = byte;
      return bytes;
    }),
  },
);
const strangeHeaders = fc.record(
  {
    'Content-Type': fc.constantFrom(
      'application/json',
      'application/json; charset=utf-8',
      'text/plain',
      'application/xml',
      'multipart/form-data',
    ),
    Accept: fc.constantFrom('application/json, text/event-stream', '*/*', 'text/event-stream'),
    'Mcp-Protocol-Version': fc.constantFrom('2025-11-25', '2025-03-26', '9999-99-99', ''),
    'Last-Event-ID': fc.constantFrom('1', '../x', ''),
  },
  { requiredKeys: [] },
);

const headers = fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: strangeHeaders });

it(`${bodies} random bodies: no crash, no leak, no 500 without a line in the log`, {
  timeout: 120_000,
}, async () => {
  let sent = 0;
  const statuses = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(
      text,
      headers,
      fc.constantFrom('own', 'own', 'own', 'none', 'victim'),
      async (body, more, session) => {
        server.log.length = 0;
        const sessionHeader =
          session === 'none' ? {} : { 'Mcp-Session-Id': session === 'own' ? attacker.id : victim.id };
        const answer = await server.send({
          method: 'POST',
          headers: { ...jsonHeaders, ...bearer(token), ...sessionHeader, ...more },
          body,
        });
        sent += 1;
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        expect(answer.text).not.toContain(secret);
        expect(answer.text).not.toContain(server.dataDir);
        expect(answer.text).not.toMatch(/\n\s+at .+:\d+:\d+/);
        expect(JSON.stringify(server.log)).not.toContain(secret);
        if (session === 'victim') expect(answer.status).not.toBe(200);
        if (answer.status >= 500) expect(server.log.some((line) => line.level === 'error')).toBe(true);
        if (answer.status >= 400) expect(answer.json?.error?.message).toEqual(expect.any(String));
        // A body may have ended the session or started another one.
        if (answer.status === 404 && session === 'own') attacker = await server.begin(token);
      },
    ),
    { numRuns: bodies, seed: 20_260_501, endOnFailure: true },
  );
  expect(sent).toBeGreaterThanOrEqual(bodies);
  expect(statuses.get(200) ?? 0, `${[...statuses]}`).toBeGreaterThan(300);
  expect(
    (await server.send({ method: 'POST', headers: { ...jsonHeaders, ...bearer(token) }, body: initialize() }))
      .status,
  ).toBe(200);
  const found = await victim.call('retrieve_memory', { query: 'cat' });
  expect(found.text).toContain(secret);
});
