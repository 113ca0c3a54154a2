import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createMemory } from '../../src/app/create-memory.js';

const main = path.resolve('dist/cli/main.js');
const runs = 15;

export interface Latency {
  readonly pages: number;
  /** Medians, in milliseconds from start to end of the process. */
  readonly emptyMs: number;
  readonly withServerMs: number;
  readonly aloneMs: number;
}

/**
 * The time of a prompt hook compared with an empty `node -e 0`, with and without a running server. `kept`: a folder that
 * is kept and filled only the first time.
 */
export async function hookLatency(pages: number, kept?: string): Promise<Latency> {
  const folder = kept ?? (await mkdtemp(path.join(tmpdir(), 'latency-')));
  try {
    if (!existsSync(path.join(folder, 'users'))) await fill(folder, pages);
    const args = [main, 'hook', 'claude-code', '--data', folder, '--user', 'alice'];
    const prompt = (i: number) =>
      JSON.stringify({
        hook_event_name: 'UserPromptSubmit',
        session_id: `s${i}`,
        cwd: folder,
        prompt: 'Why does the parser fail on staging?',
      });
    const emptyTimes: number[] = [];
    const beside = (run: () => number) => {
      emptyTimes.push(timed(['-e', '0'], ''));
      return run();
    };
    const alone = medianMs((i) => beside(() => timed(args, prompt(i))));
    const server = spawn(
      process.execPath,
      [main, '--data', folder, '--user', 'alice', '--log-level', 'error'],
      {
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    try {
      const initialize = {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 'bench', version: '1' },
      };
      for (const message of [
        { id: 0, method: 'initialize', params: initialize },
        { method: 'notifications/initialized' },
        { id: 1, method: 'tools/list' },
      ]) {
        server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
      }
      while (!(await readdir(path.join(folder, 'hooks'))).some((name) => name.startsWith('socket-'))) {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      // The first call opens the memory.
      timed(args, prompt(-1));
      const withServer = medianMs((i) => beside(() => timed(args, prompt(i))));
      return { pages, emptyMs: median(emptyTimes), withServerMs: withServer, aloneMs: alone };
    } finally {
      server.stdin.end();
    }
  } finally {
    if (kept === undefined)
      await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

async function fill(folder: string, pages: number): Promise<void> {
  const memory = await createMemory({ data_storage_path: folder, user_id: 'alice', daily_backups_kept: 0 });
  const words = [
    'parser',
    'invoice',
    'login',
    'search',
    'mail',
    'price',
    'map',
    'upload',
    'audit',
    'billing',
    'staging',
    'worker',
    'gateway',
    'cache',
    'schema',
    'deploy',
    'token',
    'branch',
    'table',
    'index',
  ];
  const word = (i: number) => words[(i * 7 + (i >> 3)) % words.length] ?? '';
  for (let from = 0; from < pages; from += 500) {
    await memory.addAll(
      Array.from({ length: Math.min(500, pages - from) }, (_, k) => {
        const i = from + k;
        return {
          userInput: `Why does the ${word(i)} of the ${word(i + 5)} fail in case ${i}?`,
          agentResponse: `The ${word(i + 3)} was ${i % 2 === 0 ? 'empty' : 'stale'}; I changed the ${word(i + 11)} of number ${i}.`,
        };
      }),
    );
  }
  await memory.flush();
  await memory.close();
}

function timed(args: readonly string[], input: string): number {
  const begun = performance.now();
  const { status } = spawnSync(process.execPath, args, { input });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}`);
  return performance.now() - begun;
}

function medianMs(run: (i: number) => number): number {
  return median(Array.from({ length: runs }, (_, i) => run(i)));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
