import { createHash } from 'node:crypto';
import path from 'node:path';

/**
 * The local socket at which a running server answers the hooks of its user. Its address and secret are in a
 * file of the data folder that only the owner can read. A hook that finds this file is fast, because it
 * does not open the memory itself.
 */
export interface HookSocket {
  /**
   * Path of a socket or name of a pipe. New at every start, so that no other program can have taken it
   * before.
   */
  readonly address: string;
  /** Proves to the server that the caller may read the data folder. */
  readonly secret: string;
  readonly pid: number;
}

/**
 * A request is one line of JSON. The answer is the text the hook prints; it ends when the server closes the
 * connection.
 */
export interface HookRequest {
  readonly secret: string;
  readonly client: string;
  /** The hook's standard input, unchanged. */
  readonly event: string;
  readonly project: string | null;
}

/** The folder for the files of hooks, beside the memories. */
export function hooksFolder(dataDir: string): string {
  return path.join(dataDir, 'hooks');
}

export function socketFile(dataDir: string, userId: string): string {
  const name = createHash('sha256').update(userId).digest('hex').slice(0, 16);
  return path.join(hooksFolder(dataDir), `socket-${name}.json`);
}
