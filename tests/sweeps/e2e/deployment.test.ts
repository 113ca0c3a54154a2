import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../interop/tools.js';
import { plainEnv } from '../../support/cli-process.js';
import { environmentIn, type Instruction, instructionsIn } from '../../support/dockerfile.js';

/**
 * Runs the steps of the Dockerfile in an empty folder, with this machine's Node and without a container engine. So the
 * base image and the user are not tested.
 */
let root: string;
const stages: Instruction[][] = [];

beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'memoryos-image-'));
  for (const instruction of instructionsIn(readFileSync('deploy/Dockerfile', 'utf8'))) {
    if (instruction.name === 'FROM') stages.push([]);
    stages.at(-1)?.push(instruction);
  }
}, 900_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

const place = (stage: number, folder: string) => path.join(root, String(stage), folder);

/** The files known to git that .dockerignore does not exclude. */
function contextFiles(): string[] {
  const allowed = readFileSync('deploy/Dockerfile.dockerignore', 'utf8')
    .split('\n')
    .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
  const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
  });
  return tracked
    .split('\n')
    .filter((file) => allowed.some((entry) => file === entry || file.startsWith(`${entry}/`)));
}

function build(stage: number): void {
  let folder = '/';
  for (const { name, args } of stages[stage] ?? []) {
    const here = place(stage, folder);
    if (name === 'WORKDIR') {
      folder = args;
      mkdirSync(place(stage, folder), { recursive: true });
    } else if (name === 'COPY') copy(args.split(' '), here);
    else if (name === 'RUN') {
      // The image's user does not exist on this machine.
      const command = args
        .replace(/ && chown node:node \S+/, '')
        .replace(/ \/data\b/, ` ${place(stage, '/data')}`);
      execFileSync('sh', ['-ec', command], { cwd: here, env: plainEnv(), stdio: 'pipe' });
    }
  }
}

function copy(args: readonly string[], here: string): void {
  const isFromStage = args[0]?.startsWith('--from=') === true;
  const rest = isFromStage ? args.slice(1) : args;
  const target = rest.at(-1) ?? '.';
  for (const source of rest.slice(0, -1)) {
    if (isFromStage) {
      const to =
        rest.length === 2 && !target.endsWith('/') ? target : path.join(target, path.basename(source));
      cpSync(place(0, source), path.join(here, to), { recursive: true });
      continue;
    }
    const files = source === '.' ? contextFiles() : [source];
    for (const file of files) cpSync(file, path.join(here, target, file));
  }
}

describe('the image', () => {
  it('builds, and its server is healthy and accepts a token', async () => {
    build(0);
    build(1);
    const app = place(1, '/app');
    const port = String(await freePort());
    const data = place(1, '/data');
    const env = plainEnv({
      ...environmentIn(stages[1] ?? []),
      MEMORYOS_HTTP_PORT: port,
      MEMORYOS_DATA_STORAGE_PATH: data,
    });
    const entry: string[] = JSON.parse(stages[1]?.find(({ name }) => name === 'ENTRYPOINT')?.args ?? '[]');
    const cli = (...args: readonly string[]) => [...entry.slice(1), ...args];
    const made = execFileSync(process.execPath, cli('token', 'create', '--user', 'alice'), {
      cwd: app,
      env,
      encoding: 'utf8',
    });
    const token = /mos_\S+/.exec(made)?.[0] ?? '';
    const server = spawn(process.execPath, cli(), { cwd: app, env, stdio: 'ignore' });
    try {
      const check =
        stages[1]?.find(({ name }) => name === 'HEALTHCHECK')?.args.replace(/^.*CMD /, '') ?? '[]';
      const [, ...command]: string[] = JSON.parse(check.replace('3000', port));
      await expect
        .poll(() => {
          try {
            execFileSync(process.execPath, command, { stdio: 'pipe' });
            return 'healthy';
          } catch {
            return 'not yet';
          }
        })
        .toBe('healthy');
      const body = JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'initialize',
        params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
      });
      const headers = { 'content-type': 'application/json', accept: 'application/json' };
      const url = `http://127.0.0.1:${port}/mcp`;
      expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(401);
      const withToken = { ...headers, authorization: `Bearer ${token}` };
      expect((await fetch(url, { method: 'POST', headers: withToken, body })).status).toBe(200);
    } finally {
      server.kill('SIGTERM');
      await once(server, 'exit');
    }
  });
});
