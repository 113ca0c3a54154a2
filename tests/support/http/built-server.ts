import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { cliPath, plainEnv } from '../cli-process.js';

export interface BuiltServer {
  readonly child: ChildProcess;
  readonly url: string;
  readonly log: readonly string[];
  /** Code and signal. */
  readonly exit: Promise<unknown[]>;
}

/** Starts the built server over HTTP on a free port; rejects with its log when it does not start. */
export async function startBuiltServer(
  folder: string,
  children: ChildProcess[],
  ...args: string[]
): Promise<BuiltServer> {
  const child = spawn(process.execPath, [cliPath, '--transport', 'http', '--port', '0', ...args], {
    cwd: folder,
    env: plainEnv(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const log: string[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${log.join('\n')}`)));
    createInterface({ input: child.stderr }).on('line', (line) => {
      log.push(line);
      const found = /Serving MCP over HTTP at (\S+?)"/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  return { child, url, log, exit: once(child, 'exit') };
}
