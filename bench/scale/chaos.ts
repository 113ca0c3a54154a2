/**
 * Chaos on a database: processes that write to the same users are killed with -9, connections are cut, and a process of
 * the database is killed with -9, so that all of it goes through recovery. At the end every acknowledged page has to be
 * there once, at its own user.
 *
 *     tsx scripts/with-database.ts npx tsx bench/scale/chaos.ts [seconds] [processes]
 *
 * The database has to run on this machine, without any data worth keeping.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { createPostgresStore } from '../../src/adapters/postgres/postgres-store.js';
import { toUserId } from '../../src/model/ids.js';
import { createPageTerms } from '../../src/retrieval/candidates/page-terms.js';
import { added, makePage } from '../../tests/support/records.js';

const users = ['ann', 'ben', 'cleo', 'dan'].map(toUserId);
const url = process.env.TEST_DATABASE_URL;
if (url === undefined) throw new Error('Set TEST_DATABASE_URL, or run it by scripts/with-database.ts.');
const store = createPostgresStore({ url, schema: 'chaos', readTerms: createPageTerms() });
if (process.argv[2] === 'writer') await write();
else await disturb(Number(process.argv[2] ?? 600), Number(process.argv[3] ?? 8));

async function write(): Promise<void> {
  for (let i = 0; ; i += 1) {
    const user = users[i % users.length] ?? users[0];
    if (user === undefined) return;
    const text = `${user} ${process.pid} ${i}`;
    try {
      const memory = await store.open(user);
      await memory.transact({ newest: 3 }, () => [added(makePage(text))]);
      await memory.close();
      process.stdout.write(`${text}\n`);
    } catch (error) {
      process.stdout.write(`failed ${String(error).replaceAll('\n', ' ')}\n`);
    }
  }
}

async function disturb(seconds: number, processes: number): Promise<void> {
  await store.migrate();
  const acknowledged: string[] = [];
  const errors = new Map<string, number>();
  const counts = { killed: 0, cut: 0, crashed: 0 };
  const writers: ChildProcess[] = [];
  const start = (place: number) => {
    const self = fileURLToPath(import.meta.url);
    const child = spawn(process.execPath, ['--import', 'tsx', self, 'writer'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('failed ')) errors.set(line, (errors.get(line) ?? 0) + 1);
      else acknowledged.push(line);
    });
    writers[place] = child;
  };
  for (let i = 0; i < processes; i += 1) start(i);
  const admin = async (sql: string) => {
    const client = new pg.Client(url);
    client.on('error', () => undefined);
    await client.connect();
    const { rows } = await client.query(sql);
    await client.end();
    return rows as { pid: number }[];
  };
  const others = `from pg_stat_activity where application_name = 'memoryos-mcp' and pid <> pg_backend_pid()`;
  const untilMs = performance.now() + seconds * 1000;
  for (let turn = 0; performance.now() < untilMs; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1000 + Math.random() * 1000));
    try {
      if (turn % 6 === 5) {
        const [backend] = await admin(`select pid ${others} limit 1`);
        if (backend !== undefined) process.kill(backend.pid, 'SIGKILL');
        counts.crashed += 1;
      } else if (turn % 2 === 0) {
        await admin(`select pg_terminate_backend(pid) ${others}`);
        counts.cut += 1;
      } else {
        const place = turn % processes;
        writers[place]?.kill('SIGKILL');
        start(place);
        counts.killed += 1;
      }
    } catch {
      // The database recovers; the next turn finds it.
    }
  }
  const ends = writers.map((child) => new Promise((resolve) => child.once('close', resolve)));
  for (const child of writers) child.kill('SIGKILL');
  await Promise.all(ends);

  const stored = new Map<string, number>();
  let strange = 0;
  for (const user of users) {
    const memory = await store.open(user);
    const { everyPage } = await memory.read({ everyPage: true });
    for (const { page } of everyPage) {
      stored.set(page.user_input, (stored.get(page.user_input) ?? 0) + 1);
      if (!page.user_input.startsWith(`${user} `)) strange += 1;
    }
    await memory.close();
  }
  await store.close();
  const lost = acknowledged.filter((text) => !stored.has(text)).length;
  const doubled = [...stored.values()].filter((count) => count > 1).length;
  console.table({
    seconds,
    processes,
    ...counts,
    acknowledged: acknowledged.length,
    stored: stored.size,
    lost,
    doubled,
    'of another user': strange,
    errors: [...errors.values()].reduce((sum, count) => sum + count, 0),
  });
  for (const [text, count] of errors) console.log(count, text.slice(0, 300));
  if (lost + doubled + strange > 0) process.exitCode = 1;
}
