import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Installed programs of other projects, which must work with this server, and a Node that runs them. */
export interface Outsider {
  run(bin: string, args: readonly string[]): Ended;
  remove(): void;
}

/** Installs packages into a temporary folder. */
export function outsider(...packages: readonly string[]): Outsider {
  const folder = mkdtempSync(path.join(tmpdir(), 'memoryos-interop-'));
  const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--engine-strict=false'];
  const install = spawnSync('npm', ['install', '--prefix', folder, ...flags, ...packages], {
    encoding: 'utf8',
  });
  if (install.status !== 0)
    throw new Error(`${packages.join(' ')} could not be installed: ${install.stderr}`);
  const node = node22(folder);
  return {
    run(bin, args) {
      const file = path.join(folder, 'node_modules/.bin', bin);
      const { status, stdout, stderr } = spawnSync(node, [file, ...args], {
        cwd: folder,
        env: { ...process.env, HOME: folder },
        encoding: 'utf8',
        maxBuffer: 64 * 1024 * 1024,
      });
      return { status, stdout, stderr };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Both suites need Node 22: the running Node if it is new enough, else one from npx. */
function node22(cwd: string): string {
  if (Number.parseInt(process.versions.node, 10) >= 22) return process.execPath;
  const args = ['--yes', '-p', 'node@22', '--', 'node', '-p', 'process.execPath'];
  const found = spawnSync('npx', args, { cwd, encoding: 'utf8' });
  if (found.status !== 0) throw new Error(`Node 22 could not be had: ${found.stderr}`);
  return found.stdout.trim();
}

export const cli = path.resolve('dist/cli/main.js');

/** Starts the server over HTTP on a free port and waits until it answers. */
export async function httpServer(data: string): Promise<{ url: string; stop(): Promise<void> }> {
  const port = await freePort();
  const args = [cli, '--transport', 'http', '--port', String(port), '--data', data, '--log-level', 'error'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const base = `http://127.0.0.1:${port}`;
  await ready(`${base}/readyz`, child);
  return {
    url: `${base}/mcp`,
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

async function ready(url: string, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}
