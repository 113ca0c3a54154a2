import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';

/** An error whose message says what to do. It is printed without a stack. */
export class Trouble extends Error {}

/** Runs a program to its end, and kills it on abort. Throws {@link Trouble} with what it printed. */
export async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  signal: AbortSignal,
): Promise<void> {
  const child = spawn(command, args, { cwd, signal, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2_000);
  });
  const line = `${command} ${args.join(' ')}`;
  const [code] = await once(child, 'close').catch((error: unknown) => {
    signal.throwIfAborted();
    throw new Trouble(`${line} could not be started: ${error instanceof Error ? error.message : error}`);
  });
  signal.throwIfAborted();
  if (code !== 0) throw new Trouble(`${line} ended with ${code}:\n${said.trim()}`);
}

/**
 * Makes a folder once: `fill` works in a folder beside it that takes its name when it is complete, and is
 * removed otherwise.
 */
export async function filledFolder(folder: string, fill: (into: string) => Promise<void>): Promise<string> {
  const exists = await stat(folder).then(
    () => true,
    () => false,
  );
  if (exists) return folder;
  await mkdir(path.dirname(folder), { recursive: true });
  const into = await mkdtemp(`${folder}.part-`);
  try {
    await fill(into);
    await rename(into, folder);
  } finally {
    await rm(into, { recursive: true, force: true });
  }
  return folder;
}
