import { availableParallelism, loadavg } from 'node:os';
import { Argument } from 'commander';
import {
  command,
  conversationFile,
  needsConversations,
  numberFrom,
  wholeFrom,
  wholeNumbers,
} from '../../scripts/command.js';
import { needsDatabase, withDatabase } from '../../scripts/database.js';
import { measurePages, measureUsers } from './growth.js';
import { measureCold, measureResident } from './memory.js';
import { measureProcesses } from './processes.js';

interface Options {
  readonly data?: string;
  readonly sizes?: readonly number[];
  readonly users: number;
  readonly seconds: number;
  readonly think: number;
}

const parts = ['pages', 'users', 'processes', 'resident', 'cold'] as const;

const program = command({
  call: 'npm run bench:scale --',
  about: `Measures memories in a database. A part is:
pages: adds and retrievals with 1,000, 10,000 and 100,000 pages of a user
users: adds and retrievals with 10, 1,000 and 10,000 users in the database
processes: 1, 2 and 4 servers behind a proxy that sends a request to any of them
resident: memory of a process for an open user with 10,000 pages
cold: first answer of a new server for a user with 50,000 pages`,
  time: 'pages and cold 20 minutes, users and resident 5, processes 4.',
  needs: `${needsDatabase} All parts but processes need ${needsConversations}`,
})
  .addArgument(new Argument('<part>', 'what to measure').choices(parts))
  .addOption(conversationFile(false))
  .option('--sizes <n,...>', 'other numbers of pages, users or servers than those above', wholeNumbers)
  .option('--users <n>', 'processes: number of users', wholeFrom(1), 200)
  .option('--seconds <n>', 'processes: how long they call', numberFrom(1), 40)
  .option('--think <seconds>', 'processes: pause of a user after each exchange', numberFrom(0), 0)
  .parse();
const part = program.args[0] as (typeof parts)[number];
const { data, sizes, users, seconds, think } = program.opts<Options>();
if (part !== 'processes' && data === undefined) program.error(`error: ${part} needs --data <file>.`);
const load = loadavg().map((each) => each.toFixed(1));
console.log(`${availableParallelism()} cores, load ${load.join(' ')}, Node ${process.version}`);
await withDatabase(async (url) => {
  if (part === 'processes' || data === undefined) {
    await measureProcesses(url, sizes ?? [1, 2, 4], { users, seconds, thinkSeconds: think });
  } else if (part === 'pages') await measurePages(url, data, sizes ?? [1000, 10_000, 100_000]);
  else if (part === 'users') await measureUsers(url, data, sizes ?? [10, 1000, 10_000]);
  else if (part === 'resident') await measureResident(url, data, sizes?.[0] ?? 10_000);
  else await measureCold(url, data, sizes?.[0] ?? 50_000);
});
