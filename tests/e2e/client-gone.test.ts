import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cliPath, plainEnv } from '../support/cli-process.js';

let folder: string;
let client: ChildProcess;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'memoryos-gone-'));
});
afterEach(() => {
  client.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

/** Starts the server on a pipe that never ends, because the server itself holds both ends, as another process might. */
const clientScript = `
  const { openSync } = require('node:fs');
  const { spawn } = require('node:child_process');
  const input = openSync(process.argv[1], 'r+');
  const server = spawn(process.argv[2], process.argv.slice(3), { stdio: [input, 'inherit', 'inherit'] });
  setInterval(() => undefined, 1000);
`;

describe.runIf(process.platform === 'linux')('a server whose client is killed', () => {
  const server = () => [process.execPath, cliPath, '--data', folder, '--log-level', 'debug'];

  it.each([
    ['directly', () => server()],
    ['through a shell, as npx does', () => ['sh', '-c', '"$@"; exit $?', 'sh', ...server()]],
  ])(
    'ends though its input is still open, started %s',
    async (_how, command) => {
      const pipe = path.join(folder, 'pipe');
      expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
      client = spawn(process.execPath, ['-e', clientScript, pipe, ...command()], {
        env: plainEnv(),
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let said = '';
      client.stderr?.on('data', (text: unknown) => {
        said += String(text);
      });
      while (!said.includes('Serving MCP over stdio'))
        await new Promise((resolve) => setTimeout(resolve, 20));
      // The server keeps running while the client exists.
      await new Promise((resolve) => setTimeout(resolve, 3500));
      expect(said).not.toContain('Leaving');
      const ended = client.stderr === null ? Promise.resolve() : once(client.stderr, 'close');
      client.kill('SIGKILL');
      // The server was the last process that held the pipe.
      await ended;
      expect(said).toContain('Leaving: the client has ended');
    },
    30_000,
  );
});
