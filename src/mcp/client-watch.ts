import { readFileSync, readlinkSync } from 'node:fs';
import { isAlive } from '../lib/io/process-identity.js';

const checkEveryMs = 1500;
/** Maximum number of intermediate processes between the client and the server. */
const startersMax = 8;

/** A process and its parent at the start. When a parent ends, the system gives the process another parent. */
interface Link {
  readonly pid: number;
  readonly parent: number;
}

/**
 * Calls back when the client's process has ended, even if another process keeps the client's end of standard
 * input open. Launchers such as npx and a shell may stand between the client and this process. Where the
 * system allows it, they are recognised because they share this process's standard input. Returns a function
 * that stops watching.
 */
export function whenClientIsGone(gone: () => void): () => void {
  const links = linksToClient();
  const timer = setInterval(() => {
    if (links.every(stands)) return;
    clearInterval(timer);
    gone();
  }, checkEveryMs).unref();
  return () => clearInterval(timer);
}

function linksToClient(): Link[] {
  const links: Link[] = [{ pid: process.pid, parent: process.ppid }];
  const input = inputOf(process.pid);
  for (let at = process.ppid; input !== null && links.length < startersMax; ) {
    const parent = inputOf(at) === input ? parentOf(at) : null;
    if (parent === null) break;
    links.push({ pid: at, parent });
    at = parent;
  }
  return links;
}

/** Whether a link is as it was at the start. Windows keeps reporting the id of a parent that has ended. */
function stands({ pid, parent }: Link): boolean {
  if (pid !== process.pid) return parentOf(pid) === parent;
  return process.ppid === parent && (process.platform !== 'win32' || isAlive(parent));
}

/** The pipe that a process reads; null when unknown or not a pipe. */
function inputOf(pid: number): string | null {
  try {
    const input = readlinkSync(`/proc/${pid}/fd/0`);
    return input.startsWith('/dev/') ? null : input;
  } catch {
    return null;
  }
}

/** Field 4 of /proc/<pid>/stat. The name in field 2 may contain spaces and brackets. */
function parentOf(pid: number): number | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
}
