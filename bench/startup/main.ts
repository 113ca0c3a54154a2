import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { command, wholeFrom } from '../../scripts/command.js';
import { processorMs, residentMb } from '../processes.js';

const { runs } = command({
  call: 'npm run bench:startup --',
  about:
    'Measures the time from the start of the process to the answer of tools/list over stdio, and the resident memory then, in turn with the official memory server. Prints medians. Exit code 1: the start takes more than 1.2 times as long as the other, or more than 110 MB.',
  time: 'half a minute.',
  needs: 'network, to install @modelcontextprotocol/server-memory from npm into a temporary folder.',
})
  .option('--runs <n>', 'number of starts of each', wholeFrom(1), 15)
  .parse()
  .opts<{ runs: number }>();
const peerPackage = '@modelcontextprotocol/server-memory';
const folder = mkdtempSync(path.join(tmpdir(), 'memoryos-startup-'));

interface Run {
  readonly wallMs: number;
  /** User and system time of the process; null if the system does not report it. */
  readonly cpuMs: number | null;
  readonly residentMb: number | null;
}

function start(script: string, args: readonly string[]): Promise<Run> {
  const env = { ...process.env, MEMORY_FILE_PATH: path.join(folder, 'peer.jsonl') };
  const startedAt = performance.now();
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ['pipe', 'pipe', 'ignore'],
    cwd: folder,
    env,
  });
  const send = (message: object): void => {
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  };
  const clientInfo = { name: 'bench', version: '1' };
  send({
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo },
  });
  let text = '';
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${script} ended with ${code} before it answered`)));
    child.stdout.on('data', (chunk) => {
      text += chunk;
      for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n')) {
        const message: { id?: number } = JSON.parse(text.slice(0, end));
        text = text.slice(end + 1);
        if (message.id === 1) {
          send({ method: 'notifications/initialized' });
          send({ id: 2, method: 'tools/list' });
        } else if (message.id === 2) {
          const wallMs = performance.now() - startedAt;
          const run = { wallMs, cpuMs: processorMs(child.pid), residentMb: residentMb(child.pid) };
          child.removeAllListeners('exit');
          child.once('exit', () => resolve(run));
          child.kill('SIGKILL');
        }
      }
    });
  });
}

function median(numbers: readonly (number | null)[]): number {
  const sorted = numbers.filter((value) => value !== null).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

try {
  const install = spawnSync('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', peerPackage], {
    encoding: 'utf8',
  });
  if (install.status !== 0) throw new Error(`npm could not install ${peerPackage}: ${install.stderr}`);
  const peer = path.join(folder, 'node_modules', ...peerPackage.split('/'), 'dist/index.js');
  const ours = path.resolve('dist/cli/main.js');
  const results: { ours: Run[]; peer: Run[] } = { ours: [], peer: [] };
  for (let run = 0; run <= runs; run += 1) {
    const mine = await start(ours, ['--data', path.join(folder, 'data'), '--log-level', 'error']);
    const theirs = await start(peer, []);
    // The first of each fills the system's file cache.
    if (run > 0) {
      results.ours.push(mine);
      results.peer.push(theirs);
    }
  }
  const rows = [
    ['memoryos-mcp', results.ours],
    [peerPackage, results.peer],
  ] as const;
  console.log(
    `Start to tools/list over stdio, medians of ${runs} runs of each, in turn, Node ${process.version}\n`,
  );
  console.log('| server | wall ms | CPU ms | resident MB |\n|---|---|---|---|');
  const medians = rows.map(([name, list]) => {
    const [wall, cpu, resident] = [
      median(list.map((run) => run.wallMs)),
      median(list.map((run) => run.cpuMs)),
      median(list.map((run) => run.residentMb)),
    ];
    console.log(`| ${name} | ${wall.toFixed(0)} | ${cpu.toFixed(0)} | ${resident.toFixed(0)} |`);
    return { wall, cpu, resident };
  });
  const [mine, theirs] = medians;
  if (mine !== undefined && theirs !== undefined) {
    const ratio = mine.wall / theirs.wall;
    console.log(
      `\nratio ${ratio.toFixed(2)} of wall time (at most 1.2), ${(mine.cpu / theirs.cpu).toFixed(2)} of CPU time`,
    );
    if (ratio > 1.2 || mine.resident > 110) process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
