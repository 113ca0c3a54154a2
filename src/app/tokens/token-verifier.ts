import { createHash, timingSafeEqual } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { codeOf, nodeFiles } from '../../lib/io/files.js';
import { WriteLane } from '../../lib/io/write-lane.js';
import { toUserId, type UserId } from '../../model/ids.js';
import { listTokens, matchesToken, readToken, tokenIdOf, tokenPath, tokensFolder } from './tokens.js';

export interface VerifiedToken {
  readonly id: string;
  readonly userId: UserId;
}

/** Tells whose token it is. What other processes create or revoke counts at once. */
export interface TokenVerifier {
  /** Whether tokens were ever made here, valid or not. */
  any(): Promise<boolean>;
  /** Whether there is a token that is not revoked. Throws STORE_CORRUPT. */
  anyValid(): Promise<boolean>;
  /**
   * True when telling about this token takes a slow hash: it was not seen since it was made or the server
   * started. A wrong token of a known id is told at once.
   */
  isCostly(token: string): Promise<boolean>;
  /** Null for a token that is wrong or revoked. Throws STORE_CORRUPT and STORE_IO. */
  verify(token: string): Promise<VerifiedToken | null>;
  /** Whether a token that was verified still counts. Throws what `verify` throws. */
  isValid(id: string): Promise<boolean>;
}

interface Known {
  /** Of the file it was verified against: another file, another hash. */
  readonly stamp: string;
  readonly digest: Buffer;
  readonly verified: VerifiedToken;
}

/** Verifies tokens of a data folder. Remembers the SHA-256 of those it has verified, in memory only. */
export function createTokenVerifier(dataDir: string): TokenVerifier {
  const known = new Map<string, Known>();
  // One slow hash at a time: they take memory, and threads that files need.
  const hashing = new WriteLane();

  async function current(id: string): Promise<Known | null> {
    const entry = known.get(id);
    if (entry === undefined) return null;
    if (entry.stamp === (await stampOf(tokenPath(dataDir, id)))) return entry;
    known.delete(id);
    return null;
  }

  async function learn(id: string, token: string): Promise<VerifiedToken | null> {
    const stamp = await stampOf(tokenPath(dataDir, id));
    const file = stamp === null ? null : await readToken(dataDir, id);
    if (stamp === null || file === null || !(await matchesToken(file, token))) return null;
    const verified = { id, userId: toUserId(file.user_id) };
    known.set(id, { stamp, digest: digestOf(token), verified });
    return verified;
  }

  return {
    async any() {
      const names = await nodeFiles.list(tokensFolder(dataDir));
      return names.some((name) => name.endsWith('.json'));
    },

    async anyValid() {
      return (await listTokens(dataDir)).some((record) => record.revokedAt === null);
    },

    async isCostly(token) {
      const id = tokenIdOf(token);
      return id !== null && (await current(id)) === null && (await stampOf(tokenPath(dataDir, id))) !== null;
    },

    async verify(token) {
      const id = tokenIdOf(token);
      if (id === null) return null;
      const entry = (await current(id)) ?? (await hashing.run(() => recall(id, token)));
      if (entry === null || !('digest' in entry)) return entry;
      return timingSafeEqual(entry.digest, digestOf(token)) ? entry.verified : null;
    },

    async isValid(id) {
      return (await current(id)) !== null;
    },
  };

  /** Requests that came at the same time with the same token share one hash. */
  async function recall(id: string, token: string): Promise<Known | VerifiedToken | null> {
    return (await current(id)) ?? (await learn(id, token));
  }
}

/** Changes whenever the file is replaced. Null when it is gone. */
async function stampOf(file: string): Promise<string | null> {
  try {
    const { ino, size, mtimeMs } = await stat(file);
    return `${ino} ${size} ${mtimeMs}`;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
