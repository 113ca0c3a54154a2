import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCli } from '../support/cli-process.js';
import { describeWithDatabase, type EmptyDatabase, emptyDatabase } from '../support/database.js';
import { exerciseSurface } from '../support/exercise-surface.js';
import { makeFolder } from '../support/folders.js';
import { startBuiltServer } from '../support/http/built-server.js';

const perMinute = 80;

describeWithDatabase('several servers on one database', (url) => {
  let database: EmptyDatabase;
  let place: Awaited<ReturnType<typeof makeFolder>>;
  let balancer: Server;
  let address: string;
  const children: ChildProcess[] = [];
  const answered: number[] = [];

  const configOf = (name: string) => path.join(place.folder, `${name}.json`);
  const cli = (...args: string[]) =>
    runCli(['--config', configOf('one'), '--log-level', 'error', ...args], { cwd: place.folder });
  async function tokenFor(user: string): Promise<string> {
    const { code, stdout } = await cli('token', 'create', '--user', user);
    expect(code).toBe(0);
    return stdout.trim();
  }

  beforeAll(async () => {
    database = await emptyDatabase(url);
    place = await makeFolder();
    const targets: URL[] = [];
    for (const name of ['one', 'two']) {
      const config = {
        store: 'postgres',
        database_url: database.url,
        data_storage_path: path.join(place.folder, `data-${name}`),
        rate_limit_per_minute: perMinute,
      };
      writeFileSync(configOf(name), JSON.stringify(config));
      const server = await startBuiltServer(place.folder, children, '--config', configOf(name));
      targets.push(new URL(server.url));
      answered.push(0);
    }
    // Each request goes to the next server, also requests of the same client.
    let turn = 0;
    balancer = createServer((incoming, outgoing) => {
      turn += 1;
      const place = turn % targets.length;
      answered[place] = (answered[place] ?? 0) + 1;
      const { hostname, port } = targets[place] ?? new URL('http://nowhere');
      const { method, headers } = incoming;
      const passed = request({ hostname, port, method, headers, path: incoming.url }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      });
      passed.on('error', () => outgoing.destroy());
      outgoing.on('close', () => passed.destroy());
      incoming.pipe(passed);
    }).listen(0, '127.0.0.1');
    await once(balancer, 'listening');
    address = `http://127.0.0.1:${(balancer.address() as AddressInfo).port}/mcp`;
  }, 60_000);
  afterAll(async () => {
    balancer.closeAllConnections();
    balancer.close();
    for (const child of children) {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    }
    await place.remove();
    await database.drop();
  });

  async function connected(mode: 'auto' | 'legacy', token: string): Promise<Client> {
    const client = new Client({ name: 'spread', version: '1' }, { versionNegotiation: { mode } });
    const headers = { Authorization: `Bearer ${token}` };
    await client.connect(new StreamableHTTPClientTransport(new URL(address), { requestInit: { headers } }));
    return client;
  }

  async function statusOf(token: string): Promise<number> {
    const { status, body } = await fetch(address, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
        Accept: 'application/json, text/event-stream',
        'MCP-Protocol-Version': '2025-11-25',
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
    });
    await body?.cancel();
    return status;
  }

  it.each([
    { mode: 'auto', era: 'modern' },
    { mode: 'legacy', era: 'legacy' },
  ] as const)(
    'answer a client of the $era era, request by request, whichever it comes to',
    async ({ mode, era }) => {
      const before = [...answered];
      const client = await connected(mode, await tokenFor(`user of the ${era} era`));
      try {
        expect(client.getProtocolEra()).toBe(era);
        await exerciseSurface(client);
      } finally {
        await client.close();
      }
      for (const [place, count] of answered.entries())
        expect(count - (before[place] ?? 0)).toBeGreaterThan(8);
    },
  );

  it('accept a token created on any of them, until it is revoked', async () => {
    const token = await tokenFor('carol');
    expect([await statusOf(token), await statusOf(token)]).toEqual([200, 200]);
    const listed = JSON.parse((await cli('token', 'list')).stdout) as {
      token_id: string;
      user_id: string;
    }[];
    expect(JSON.stringify(listed)).not.toContain(token.slice(-43));
    const id = listed.find(({ user_id }) => user_id === 'carol')?.token_id ?? '';
    const [row] = await database.run('select * from memoryos.tokens');
    expect(JSON.stringify(row)).not.toContain(token.slice(-43));
    expect((await cli('token', 'revoke', id)).code).toBe(0);
    expect([await statusOf(token), await statusOf(token)]).toEqual([401, 401]);
    expect(await statusOf(`${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`)).toBe(401);
  });

  it('count the requests of a token together', async () => {
    const token = await tokenFor('dave');
    const found: number[] = [];
    for (let i = 0; i < perMinute; i += 1) found.push(await statusOf(token));
    expect(new Set(found)).toEqual(new Set([200]));
    expect([await statusOf(token), await statusOf(token)]).toEqual([429, 429]);
    // The count begins again after a minute.
    await database.run(`update memoryos.counts set ends_at = now()`);
    expect(await statusOf(token)).toBe(200);
  });

  it('find at once what was stored through another one', async () => {
    const token = await tokenFor('erin');
    const client = await connected('auto', token);
    try {
      const told = { user_input: 'The kiln is lit on Fridays.', agent_response: 'Noted.' };
      const added = await client.callTool({ name: 'add_memory', arguments: told });
      expect(added.structuredContent).toMatchObject({ status: 'success' });
      const found = await client.callTool({
        name: 'retrieve_memory',
        arguments: { query: 'When is the kiln lit?' },
      });
      expect(JSON.stringify(found.structuredContent)).toContain('Fridays');
    } finally {
      await client.close();
    }
  });

  it('are ready only while the database answers', async () => {
    const ready = async () => (await fetch(address.replace('/mcp', '/readyz'))).status;
    expect([await ready(), await ready()]).toEqual([200, 200]);
    await database.run(`alter schema memoryos rename to away; create schema memoryos;
        create table memoryos.schema_version (version int); insert into memoryos.schema_version values (999)`);
    expect([await ready(), await ready()]).toEqual([503, 503]);
    await database.run('drop schema memoryos cascade; alter schema away rename to memoryos');
    expect([await ready(), await ready()]).toEqual([200, 200]);
  });
});
