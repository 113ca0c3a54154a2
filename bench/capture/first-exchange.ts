import { execFileSync, spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { packPackage } from '../../scripts/pack-package.js';

export interface FirstExchange {
  readonly tarballMb: number;
  /** Space on the disk, in whole blocks. */
  readonly installedMb: number;
  readonly packages: number;
  /** Warnings of npm. */
  readonly warnings: readonly string[];
  readonly npmSeconds: number;
  readonly installSeconds: number;
  /** Time from a prompt until another session is told what it said. */
  readonly rememberedSeconds: number;
}

const shell = process.platform === 'win32';

/**
 * The steps of a person: `npm i` of the packed package in a clean home, `memoryos-mcp install`, and an exchange in
 * Claude Code, simulated by running the installed hooks. The next session's prompt and a tool of the server must know it.
 */
export async function firstExchange(): Promise<FirstExchange> {
  const home = mkdtempSync(path.join(tmpdir(), 'first exchange '));
  try {
    const { file, bytes } = packPackage(home);
    const folder = path.join(home, 'tools');
    mkdirSync(path.join(home, '.claude'), { recursive: true });
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'package.json'), '{"private": true}');
    const env = cleanEnvironment(home);

    const npm = timed(() =>
      spawnSync('npm', ['install', '--no-audit', '--no-fund', file], {
        cwd: folder,
        env,
        encoding: 'utf8',
        shell,
      }),
    );
    if (npm.value.status !== 0) throw new Error(`npm i ended with ${npm.value.status}: ${npm.value.stderr}`);
    const modules = path.join(folder, 'node_modules');
    const command = path.join(modules, '.bin', shell ? 'memoryos-mcp.cmd' : 'memoryos-mcp');
    const installed = timed(() => run(command, ['install', '--client', 'claude-code'], folder, env));

    const settings = JSON.parse(readFileSync(path.join(home, '.claude', 'settings.json'), 'utf8'));
    const hook = (name: string, more: object) => {
      const [{ hooks }] = settings.hooks[name];
      const event = JSON.stringify({ hook_event_name: name, cwd: folder, ...more });
      return execFileSync(hooks[0].command, {
        input: event,
        env,
        shell: true,
        encoding: 'utf8',
        stdio: ['pipe', 'pipe', 'inherit'],
      });
    };
    const begun = performance.now();
    const said = 'Our deploy script lives in tools/ship.sh.';
    hook('UserPromptSubmit', { session_id: 's1', prompt: said });
    hook('Stop', { session_id: 's1', last_assistant_message: 'I will use it for deploys.' });
    const told = hook('UserPromptSubmit', { session_id: 's2', prompt: 'Where is the deploy script?' });
    if (!told.includes('tools/ship.sh')) throw new Error(`the next session is told: ${told}`);
    const rememberedSeconds = (performance.now() - begun) / 1000;
    const entry = JSON.parse(readFileSync(path.join(home, '.claude.json'), 'utf8')).mcpServers.memoryos;
    await expectKnown({ command: entry.command, args: entry.args }, env);
    return {
      tarballMb: bytes / 1024 ** 2,
      installedMb: bytesOnDisk(modules) / 1024 ** 2,
      packages: packagesIn(modules),
      warnings: npm.value.stderr.split('\n').filter((line) => line.includes('warn')),
      npmSeconds: npm.seconds,
      installSeconds: installed.seconds,
      rememberedSeconds,
    };
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

async function expectKnown(
  start: { command: string; args: string[] },
  env: Record<string, string>,
): Promise<void> {
  const client = new Client({ name: 'bench', version: '1' });
  await client.connect(new StdioClientTransport({ ...start, env, stderr: 'ignore' }));
  try {
    const answer = await client.callTool({
      name: 'retrieve_memory',
      arguments: { query: 'Where is the deploy script?' },
    });
    if (!JSON.stringify(answer.content).includes('tools/ship.sh'))
      throw new Error('the server does not know it');
  } finally {
    await client.close();
  }
}

/** The variables of this process that programs need to start, and no others. */
function cleanEnvironment(home: string): Record<string, string> {
  const kept = [
    'PATH',
    'SystemRoot',
    'ComSpec',
    'npm_config_registry',
    'npm_config_cache',
    'HTTPS_PROXY',
    'NODE_EXTRA_CA_CERTS',
  ];
  const own = { HOME: home, USERPROFILE: home, APPDATA: home, LOCALAPPDATA: home };
  return Object.fromEntries(
    [...kept.map((name) => [name, process.env[name]] as const), ...Object.entries(own)].filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
}

function run(command: string, args: readonly string[], cwd: string, env = process.env): string {
  return execFileSync(command, args, {
    cwd,
    env,
    encoding: 'utf8',
    shell,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function timed<T>(job: () => T): { value: T; seconds: number } {
  const begun = performance.now();
  const value = job();
  return { value, seconds: (performance.now() - begun) / 1000 };
}

function bytesOnDisk(folder: string): number {
  return ['.', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })]
    .map((name) => lstatSync(path.join(folder, name)))
    .reduce((sum, { blocks, size }) => sum + (shell ? size : blocks * 512), 0);
}

function packagesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /(^|node_modules[\\/])(@[^\\/]+[\\/])?[^\\/@]+[\\/]package\.json$/.test(name),
  ).length;
}
