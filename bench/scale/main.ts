/**
 * How memories in a database grow and scale, one part a command:
 *
 *     npm run bench:scale -- pages      adds and retrievals with 1,000, 10,000 and 100,000 pages of a user
 *     npm run bench:scale -- users      … with 10, 1,000 and 10,000 users in the database
 *     npm run bench:scale -- processes  1, 2 and 4 servers behind a proxy without affinity, 200 users
 *                                       (--think 10: seconds between two exchanges of a user)
 *     npm run bench:scale -- resident   memory of a process for an open user with 10,000 pages
 *     npm run bench:scale -- cold       first answer of a new server, once it is ready, for a user with 50,000 pages
 *
 * TEST_DATABASE_URL names a database in which databases may be made; without it PostgreSQL is installed and started.
 */
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { measurePages, measureUsers } from './growth.js';
import { measureCold, measureResident } from './memory.js';
import { measureProcesses } from './processes.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string', default: '../shared/data/locomo/dev.json' },
    sizes: { type: 'string' },
    users: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '40' },
    think: { type: 'string', default: '0' },
  },
});
const url = process.env.TEST_DATABASE_URL;
if (url === undefined) throw new Error('Run it by npm run bench:scale.');
const load = loadavg().map((each) => each.toFixed(1));
console.log(`${availableParallelism()} cores, load ${load.join(' ')}, Node ${process.version}`);
const numbers = (list: string) => list.split(',').map(Number);
const [part] = positionals;
if (part === 'pages') await measurePages(url, values.data, numbers(values.sizes ?? '1000,10000,100000'));
else if (part === 'users') await measureUsers(url, values.data, numbers(values.sizes ?? '10,1000,10000'));
else if (part === 'processes') {
  const amount = {
    users: Number(values.users),
    seconds: Number(values.seconds),
    thinkSeconds: Number(values.think),
  };
  await measureProcesses(url, numbers(values.sizes ?? '1,2,4'), amount);
} else if (part === 'resident') await measureResident(url, values.data, Number(values.sizes ?? 10_000));
else if (part === 'cold') await measureCold(url, values.data, Number(values.sizes ?? 50_000));
else throw new Error('Name a part: pages, users, processes, resident, cold.');
