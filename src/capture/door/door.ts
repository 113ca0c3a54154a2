import { createHash } from 'node:crypto';
import path from 'node:path';

/**
 * A running server opens a door for the hooks of its user: a local socket whose address and secret lie in a file
 * of the data folder that only its owner can read. Light: a hook that finds a door loads nothing else.
 */
export interface Door {
  /** Path of a socket or name of a pipe; made anew at every start, so that nobody can be there before. */
  readonly address: string;
  /** Proves to the server that the caller may read the data folder. */
  readonly secret: string;
  readonly pid: number;
}

/** A request is one line of JSON; the answer is what the hook prints, until the server ends the connection. */
export interface DoorRequest {
  readonly secret: string;
  readonly client: string;
  /** Standard input of the hook, as it is. */
  readonly event: string;
  readonly project: string | null;
}

/** Folder of what hooks keep beside the memories. */
export function hooksFolder(dataDir: string): string {
  return path.join(dataDir, 'hooks');
}

export function doorFile(dataDir: string, userId: string): string {
  const name = createHash('sha256').update(userId).digest('hex').slice(0, 16);
  return path.join(hooksFolder(dataDir), `door-${name}.json`);
}
