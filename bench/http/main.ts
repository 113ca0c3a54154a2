import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { command, needsNothing, numberFrom, wholeFrom } from '../../scripts/command.js';
import { createToken, tokensIn } from '../../src/app/tokens/tokens.js';
import { toUserId } from '../../src/model/ids.js';
import { processorMs } from '../processes.js';
import { type Caller, httpCaller, startServer, stdioCaller } from './callers.js';
import { converse } from './conversing.js';
import { Figures } from './figures.js';
import { MemoryWatch, tellCollections } from './memory.js';

const options = command({
  call: 'npm run bench:http --',
  about:
    'Measures a server over HTTP with many users at once: requests a second, p50 and p99, processor time of a call, memory, errors. First one user makes the same calls over stdio, then over HTTP.',
  time: '11 minutes by default: the given minutes and about one more.',
  needs: needsNothing,
})
  .option('--minutes <n>', 'how long all users call', numberFrom(0.1), 10)
  .option('--users <n>', 'number of users', wholeFrom(1), 50)
  .option('--think-ms <n>', 'pause of a user after each exchange', numberFrom(0), 0)
  .option('--json <file>', 'also write the figures to a file')
  .option('--cpu-prof <folder>', 'write a processor profile of the server there')
  .parse()
  .opts<{ minutes: number; users: number; thinkMs: number; json?: string; cpuProf?: string }>();
const { minutes, users, thinkMs } = options;
const aloneMs = Math.min(30_000, minutes * 6000);
const folder = mkdtempSync(path.join(tmpdir(), 'memoryos-bench-http-'));

// Small tiers are full soon; from then on the process should not grow.
const config = path.join(folder, 'config.json');
writeFileSync(
  config,
  JSON.stringify({
    data_storage_path: 'data',
    mid_term_capacity: 5,
    rate_limit_per_minute: 0,
    log_level: 'warning',
  }),
);

async function alone(caller: Caller): Promise<Figures> {
  await converse(caller, 1, Date.now() + Math.min(2000, aloneMs / 5), new Figures(), thinkMs);
  const figures = new Figures();
  await converse(caller, 2, Date.now() + aloneMs, figures, thinkMs);
  figures.end();
  return figures;
}

async function metrics(token: string): Promise<string> {
  const headers = { Authorization: `Bearer ${token}` };
  return (await fetch(new URL('/metrics', url), { headers })).text();
}

/** Delay of the server's event loop since the last call, in ms. */
async function eventLoopLag(token: string): Promise<{ p50: number; p99: number; max: number }> {
  const text = await metrics(token);
  const found = (name: string) =>
    Math.round(
      Number(new RegExp(`^nodejs_eventloop_lag_${name}_seconds (\\S+)`, 'm').exec(text)?.[1]) * 10_000,
    ) / 10;
  return { p50: found('p50'), p99: found('p99'), max: found('max') };
}

console.log(
  `${availableParallelism()} cores, load ${loadavg()
    .map((load) => load.toFixed(1))
    .join(' ')}, Node ${process.version}`,
);

const overStdio = startServer(['--config', config, '--user', 'over-stdio']);
overStdio.stderr.resume();
const stdio = await stdioCaller(overStdio);
const stdioFigures = await alone(stdio);
stdio.close();

const errors: string[] = [];
const server = startServer(
  ['--config', config, '--transport', 'http', '--port', '0', '--log-level', 'info'],
  [
    tellCollections,
    ...(options.cpuProf === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.cpuProf}`]),
  ],
);
const url = await new Promise<string>((resolve) => {
  createInterface({ input: server.stderr }).on('line', (line) => {
    const found = /Serving MCP over HTTP at (\S+?)"/.exec(line)?.[1];
    if (found !== undefined) resolve(found);
    else if (/"level":"(warning|error)"/.test(line)) errors.push(line);
  });
});
const tokenOf = async (user: string) =>
  (
    await createToken(tokensIn(path.join(folder, 'data')), {
      userId: toUserId(user),
      name: '',
      nowMs: Date.now(),
    })
  ).token;

const singleToken = await tokenOf('over-http');
const single = await httpCaller(url, singleToken);
const httpFigures = await alone(single);
single.close();

const callers: Caller[] = [];
for (let user = 0; user < users; user += 1)
  callers.push(await httpCaller(url, await tokenOf(`user-${user}`)));
const many = new Figures();
await eventLoopLag(singleToken);
const processorBeforeMs = processorMs(server.pid) ?? Number.NaN;
const startedAt = Date.now();
const totalMs = minutes * 60_000;
const watch = new MemoryWatch(server.pid, server.stdout, () => metrics(singleToken), totalMs / 30);
const untilMs = startedAt + totalMs;
await Promise.all(callers.map((caller, index) => converse(caller, 100 + index, untilMs, many, thinkMs)));
many.end();
watch.stop();
const loadAtEnd = loadavg();
const processorPerCall =
  ((processorMs(server.pid) ?? Number.NaN) - processorBeforeMs) / Math.max(1, many.calls);
const lag = await eventLoopLag(singleToken);
for (const caller of callers) caller.close();
const exit = new Promise((resolve) => server.once('exit', resolve));
server.kill('SIGTERM');
const exitCode = await exit;

console.table({
  'stdio, 1 user': stdioFigures.row(),
  'http, 1 user': httpFigures.row(),
  [`http, ${users} users`]: many.row(),
});
const memory = watch.table(totalMs, 10);
console.log('memory in MB (heap: after garbage collections), and what is stored for all users:');
console.table(memory);
const secondHalf = ['resident', 'heap', 'mid-term pages', 'archived pages'].map((name) =>
  watch.secondHalf(totalMs, name),
);
console.log(`change in the second half of the time: ${secondHalf.join(', ')}`);
console.log(
  `server: ${processorPerCall.toFixed(2)} ms of processor time a call, event loop late by p50 ${lag.p50} ms, p99 ${lag.p99} ms, max ${lag.max} ms`,
);
console.log(`load at the end: ${loadAtEnd.map((load) => load.toFixed(1)).join(' ')}; exit code ${exitCode}`);
for (const problem of [...many.problems, ...errors].slice(0, 10)) console.log(problem);
console.log(`errors: ${many.problems.length + stdioFigures.problems.length + httpFigures.problems.length}`);
if (options.json !== undefined) {
  const all = {
    stdio: stdioFigures.row(),
    http: httpFigures.row(),
    many: many.row(),
    users,
    minutes,
    memory,
    processorPerCall,
    lag,
  };
  writeFileSync(options.json, JSON.stringify(all, null, 2));
}
rmSync(folder, { recursive: true, force: true });
process.exitCode = many.problems.length === 0 && exitCode === 0 ? 0 : 1;
