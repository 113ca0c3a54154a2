import { type ChildProcess, execFileSync } from 'node:child_process';
import { readlinkSync, statSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { command, numberFrom, wholeFrom } from '../../scripts/command.js';
import { needsDatabase, withDatabase } from '../../scripts/database.js';
import { createPostgresStore } from '../../src/adapters/postgres/postgres-store.js';
import { toUserId } from '../../src/model/ids.js';
import { createPageTerms } from '../../src/retrieval/candidates/page-terms.js';
import { httpCaller } from '../http/callers.js';
import { Fleet, startProxy } from './fleet.js';
import { withFolder } from './growth.js';

const users = ['anna', 'boris', 'cleo', 'dario', 'elena', 'farid', 'greta', 'hugo'];
const writersOfEach = 2;
const { seconds, servers, workers } = command({
  call: 'npm run bench:chaos --',
  about:
    'Real servers behind a proxy and workers work for the same users on one database. Servers and workers are killed with -9, connections are cut, and the database is restarted without a shutdown (a crash of one of its processes, or pg_ctl restart -m immediate). At the end every acknowledged page must be stored once, for its own user, and no answer may have contained text of another user; otherwise the exit code is 1.',
  time: '10 minutes by default.',
  needs: `${needsDatabase} It must run on this machine and must contain no data worth keeping.`,
})
  .option('--seconds <n>', 'how long it runs', numberFrom(1), 600)
  .option('--servers <n>', 'number of servers', wholeFrom(1), 6)
  .option('--workers <n>', 'number of workers', wholeFrom(1), 2)
  .parse()
  .opts<{ seconds: number; servers: number; workers: number }>();
const others = `from pg_stat_activity where application_name = 'memoryos-mcp' and pid <> pg_backend_pid()`;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
await withDatabase(async (url) => {
  const name = `chaos_${process.pid}`;
  await admin(url, `create database ${name}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  await withFolder((folder) => chaos(folder, own.href));
  await admin(url, `drop database ${name} with (force)`);
});

interface Told {
  readonly acknowledged: string[];
  /** Number of answers that were errors. The outcome of these calls is unknown. */
  readonly errors: Map<string, number>;
  strange: number;
  retrieved: number;
}

async function chaos(folder: string, url: string): Promise<void> {
  const fleet = new Fleet(folder);
  await fleet.configure(url);
  const serving: { child: ChildProcess; port: number }[] = [];
  for (let i = 0; i < servers; i += 1) serving.push(await fleet.server());
  const working: ChildProcess[] = [];
  for (let i = 0; i < workers; i += 1) working.push(fleet.worker());
  const proxy = await startProxy(serving.map(({ port }) => port));
  const tokens = await fleet.tokensOf(users);
  const told: Told = { acknowledged: [], errors: new Map(), strange: 0, retrieved: 0 };
  const startedMs = performance.now();
  const untilMs = startedMs + seconds * 1000;
  const talks = users.flatMap((user, i) =>
    Array.from({ length: writersOfEach }, (_, writer) =>
      talk(proxy.url, tokens[i] ?? '', user, writer, untilMs, told),
    ),
  );
  const counts = { 'servers killed': 0, 'workers killed': 0, cut: 0, crashed: 0, restarted: 0 };
  for (let turn = 0; performance.now() < untilMs; turn += 1) {
    await pause(1500 + Math.random() * 1500);
    try {
      if (turn % 12 === 11) {
        restart(await postmasterOf(url));
        counts.restarted += 1;
      } else if (turn % 12 === 5) {
        const [backend] = await admin(url, `select pid ${others} limit 1`);
        if (backend !== undefined) process.kill(backend.pid, 'SIGKILL');
        counts.crashed += 1;
      } else if (turn % 4 === 0) {
        await admin(url, `select pg_terminate_backend(pid) ${others}`);
        counts.cut += 1;
      } else if (turn % 4 === 2) {
        const place = Math.floor(Math.random() * workers);
        working[place]?.kill('SIGKILL');
        working[place] = fleet.worker();
        counts['workers killed'] += 1;
      } else {
        const server = serving[Math.floor(Math.random() * servers)];
        if (server === undefined) continue;
        const gone = new Promise((resolve) => server.child.once('exit', resolve));
        server.child.kill('SIGKILL');
        await gone;
        counts['servers killed'] += 1;
        // The proxy continues to send requests to its port.
        server.child = (await fleet.server(server.port)).child;
      }
    } catch (error) {
      note(told, `disturbing: ${String(error)}`);
    }
  }
  await Promise.all(talks);
  proxy.server.close();
  await fleet.end();
  await report(url, told, counts);
}

/** One client of a user: adds exchanges with words that no other user has, and searches for them. */
async function talk(
  url: string,
  token: string,
  user: string,
  writer: number,
  untilMs: number,
  told: Told,
): Promise<void> {
  const caller = await httpCaller(url, token);
  const ask = askFor(url, token);
  for (let i = 0; performance.now() < untilMs; i += 1) {
    const text = `${user} note ${writer} ${i}`;
    try {
      const problem = await caller.call('add_memory', { user_input: text, agent_response: 'Noted.' });
      if (problem === null) told.acknowledged.push(text);
      else note(told, problem);
      if (i % 3 === 0) {
        const answer = await ask({ query: `What is in note ${writer} of ${user}?` });
        told.retrieved += 1;
        if (users.some((other) => other !== user && answer.includes(`${other} note`))) told.strange += 1;
      }
    } catch (error) {
      note(told, String(error));
      await pause(200);
    }
  }
  caller.close();
}

function askFor(url: string, token: string) {
  return async (args: object): Promise<string> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Accept: 'application/json, text/event-stream',
        Authorization: `Bearer ${token}`,
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'retrieve_memory', arguments: args },
      }),
    });
    return response.text();
  };
}

function note(told: Told, problem: string): void {
  const text = problem.replace(/\d+/g, '0').slice(0, 160);
  told.errors.set(text, (told.errors.get(text) ?? 0) + 1);
}

async function admin(url: string, sql: string): Promise<{ pid: number }[]> {
  const client = new pg.Client(url);
  client.on('error', () => undefined);
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows;
}

async function postmasterOf(url: string): Promise<number> {
  const [found] = await admin(
    url,
    `select split_part(pg_read_file('postmaster.pid'), chr(10), 1)::int as pid`,
  );
  return found?.pid ?? 0;
}

/** Restarts PostgreSQL as the owner of its data, with the options of its first start. */
function restart(postmaster: number): void {
  const data = readlinkSync(`/proc/${postmaster}/cwd`);
  const binary = readlinkSync(`/proc/${postmaster}/exe`);
  const { uid, gid } = statSync(data);
  const args = ['restart', '-m', 'immediate', '-w', '-D', data, '-l', path.join(data, 'restarted.log')];
  execFileSync(path.join(path.dirname(binary), 'pg_ctl'), args, {
    cwd: data,
    uid,
    gid,
    stdio: 'ignore',
  });
}

async function report(url: string, told: Told, counts: Record<string, number>): Promise<void> {
  const store = createPostgresStore({ url, readTerms: createPageTerms() });
  const stored = new Map<string, number>();
  let misplaced = 0;
  for (const user of users) {
    const memory = await store.open(toUserId(user));
    const { everyPage } = await memory.read({ everyPage: true });
    const archived: string[] = [];
    for await (const entry of memory.readArchive()) {
      if (entry.kind === 'segment') archived.push(...entry.pages.map((page) => page.user_input));
    }
    for (const text of [...everyPage.map(({ page }) => page.user_input), ...archived]) {
      stored.set(text, (stored.get(text) ?? 0) + 1);
      if (!text.startsWith(`${user} `)) misplaced += 1;
    }
    await memory.close();
  }
  await store.close();
  const lost = told.acknowledged.filter((text) => !stored.has(text)).length;
  const doubled = [...stored.values()].filter((count) => count > 1).length;
  console.table({
    seconds,
    servers,
    workers,
    ...counts,
    acknowledged: told.acknowledged.length,
    'stored in all': stored.size,
    lost,
    doubled,
    retrieved: told.retrieved,
    'of another user': misplaced + told.strange,
    errors: [...told.errors.values()].reduce((sum, count) => sum + count, 0),
  });
  for (const [text, count] of told.errors) console.log(count, text);
  if (lost + doubled + misplaced + told.strange > 0) process.exitCode = 1;
}
