import { readFileSync, readlinkSync } from 'node:fs';

const lookEveryMs = 1500;
/** As deep as a client's process may lie behind those that only start the server for it. */
const startersMax = 8;

/** A process and who its parent was at the start. A parent that ends is replaced by another one. */
interface Link {
  readonly pid: number;
  readonly parent: number;
}

/**
 * Calls back when the client's process has ended, even if somebody else holds its end of standard input, so that
 * nothing says so there. Between it and this process may stand starters such as npx and a shell: where the system
 * shows it, they are known by sharing their standard input with this process. Returns a canceller.
 */
export function whenClientIsGone(gone: () => void): () => void {
  const links = linksToClient();
  const timer = setInterval(() => {
    if (links.every(stands)) return;
    clearInterval(timer);
    gone();
  }, lookEveryMs).unref();
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

function stands({ pid, parent }: Link): boolean {
  if (pid !== process.pid) return parentOf(pid) === parent;
  return process.ppid === parent && (process.platform !== 'win32' || isAlive(parent));
}

/** Windows goes on naming a parent that has ended. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

/** Which pipe a process reads; null where the system does not show it, or it is none. */
function inputOf(pid: number): string | null {
  try {
    const input = readlinkSync(`/proc/${pid}/fd/0`);
    return input.startsWith('/dev/') ? null : input;
  } catch {
    return null;
  }
}

/** Field 4 of /proc/<pid>/stat; the name in field 2 may hold spaces and brackets. */
function parentOf(pid: number): number | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
}
