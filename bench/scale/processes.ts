import { readdirSync, readFileSync } from 'node:fs';
import { emptyDatabase } from '../../tests/support/database.js';
import { type Caller, httpCaller } from '../http/callers.js';
import { converse } from '../http/conversing.js';
import { Figures } from '../http/figures.js';
import { processorMs } from '../processes.js';
import { Fleet, startProxy } from './fleet.js';
import { withFolder } from './growth.js';

const warmMs = 8000;

interface Load {
  readonly users: number;
  readonly seconds: number;
  /** Pause of a user after each exchange. */
  readonly thinkSeconds: number;
}

/** Measures numbers of servers behind a proxy without affinity, on one database. All run on this machine. */
export async function measureProcesses(url: string, counts: readonly number[], load: Load): Promise<void> {
  const rows: Record<string, Record<string, number>> = {};
  const problems: string[] = [];
  const thinkMs = load.thinkSeconds * 1000;
  for (const count of counts) {
    await withFolder(async (folder) => {
      const database = await emptyDatabase(url);
      const [stated] = await database.run(
        `select split_part(pg_read_file('postmaster.pid'), chr(10), 1)::int as pid`,
      );
      const fleet = new Fleet(folder);
      await fleet.configure(database.url);
      const servers: Awaited<ReturnType<Fleet['server']>>[] = [];
      for (let i = 0; i < count; i += 1) servers.push(await fleet.server());
      const proxy = await startProxy(servers.map(({ port }) => port));
      const callers: Caller[] = [];
      const users = Array.from({ length: load.users }, (_, i) => `user-${i}`);
      for (const token of await fleet.tokensOf(users)) callers.push(await httpCaller(proxy.url, token));
      const postmaster = Number(stated?.pid);
      const processors = () => ({
        servers: servers.reduce((sum, { child }) => sum + (processorMs(child.pid) ?? 0), 0),
        database: familyMs(postmaster),
        clients: process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000,
      });
      const warm = new Figures();
      await Promise.all(callers.map((caller, i) => converse(caller, i, Date.now() + warmMs, warm, thinkMs)));
      const before = processors();
      const figures = new Figures();
      const untilMs = Date.now() + load.seconds * 1000;
      await Promise.all(callers.map((caller, i) => converse(caller, 1000 + i, untilMs, figures, thinkMs)));
      figures.end();
      const after = processors();
      const [left] = await database.run(
        `select (select count(*) from memoryos.pages where not read)::int as unread,
          (select count(*) from memoryos.pages p where not exists
            (select from memoryos.page_readings r where r.user_id = p.user_id and r.page_id = p.id))::int as without`,
      );
      problems.push(...warm.problems, ...figures.problems, ...fleet.problems);
      const each = (name: keyof typeof before) =>
        Math.round(((after[name] - before[name]) * 10) / Math.max(1, figures.calls)) / 10;
      rows[`${count} servers`] = {
        ...figures.row(),
        'server ms/call': each('servers'),
        'database ms/call': each('database'),
        'proxy and clients ms/call': each('clients'),
        'pages not read': Number(left?.unread),
        'without vectors': Number(left?.without),
      };
      for (const caller of callers) caller.close();
      proxy.server.close();
      await fleet.end();
      await database.drop();
    });
  }
  console.log(
    `${load.users} users, ${load.thinkSeconds} s between two exchanges of each, ${load.seconds} s a row; processor time by part:`,
  );
  console.table(rows);
  for (const problem of new Set(problems)) console.log(problem);
  if (problems.length > 0) process.exitCode = 1;
}

/** Processor time of a process, of its children and of those that have ended. Linux only. */
function familyMs(pid: number): number {
  let ms = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      const own = Number(fields[11]) + Number(fields[12]);
      if (Number(name) === pid) ms += 10 * (own + Number(fields[13]) + Number(fields[14]));
      else if (Number(fields[1]) === pid) ms += 10 * own;
    } catch {
      // The process has ended.
    }
  }
  return ms;
}
