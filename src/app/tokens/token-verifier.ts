import { timingSafeEqual } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { codeOf, nodeFiles } from '../../lib/io/files.js';
import { WriteLane } from '../../lib/io/write-lane.js';
import { toUserId, type UserId } from '../../model/ids.js';
import {
  digestOf,
  listTokens,
  matchesScrypt,
  readToken,
  type TokenFile,
  tokenIdOf,
  tokenPath,
  tokensFolder,
  tokensIn,
} from './tokens.js';

export interface VerifiedToken {
  readonly id: string;
  readonly userId: UserId;
}

/** Verifies tokens. Changes by other processes take effect at once. */
export interface TokenVerifier {
  /** Whether any token was ever created, even if it is revoked now. */
  any(): Promise<boolean>;
  /** Whether a token exists that is not revoked. Throws STORE_CORRUPT. */
  anyValid(): Promise<boolean>;
  /** Null when the token is wrong or revoked. Throws STORE_CORRUPT and STORE_IO. */
  verify(token: string): Promise<VerifiedToken | null>;
  /** Whether a verified token is still valid. Throws like `verify`. */
  isValid(id: string): Promise<boolean>;
}

/** A token's file as last read. */
interface Known {
  /** Identifies this version of the file. */
  readonly stamp: string;
  readonly file: TokenFile;
  /**
   * Digest of the token; null while unknown: the file contains a scrypt hash, and the right token has not
   * been presented yet.
   */
  digest: Buffer | null;
  /**
   * Runs one scrypt computation at a time for each token, so that guesses at one token do not delay others.
   */
  readonly hashing: WriteLane;
}

/** Verifies tokens of a data folder. */
export function createTokenVerifier(dataDir: string): TokenVerifier {
  const known = new Map<string, Known>();

  /** Null when the token does not exist or is revoked. */
  async function valid(id: string): Promise<Known | null> {
    const stamp = await stampOf(tokenPath(dataDir, id));
    let entry = known.get(id);
    if (entry?.stamp !== stamp) {
      known.delete(id);
      const file = stamp === null ? null : await readToken(dataDir, id);
      if (stamp === null || file === null) return null;
      const hash = file.schema_version === 2 ? file.sha256 : null;
      const digest = hash === null ? null : Buffer.from(hash, 'base64url');
      entry = { stamp, file, digest, hashing: new WriteLane() };
      known.set(id, entry);
    }
    return entry === undefined || entry.file.revoked_at !== null ? null : entry;
  }

  async function matches(entry: Known, token: string): Promise<boolean> {
    const found = digestOf(token);
    const isSame = (digest: Buffer) => digest.length === found.length && timingSafeEqual(digest, found);
    if (entry.digest !== null) return isSame(entry.digest);
    return entry.hashing.run(async () => {
      const { file } = entry;
      if (entry.digest !== null) return isSame(entry.digest);
      if (file.schema_version !== 1 || file.scrypt === null) return false;
      if (!(await matchesScrypt(file.scrypt, token))) return false;
      entry.digest = found;
      return true;
    });
  }

  return {
    async any() {
      const names = await nodeFiles.list(tokensFolder(dataDir));
      return names.some((name) => name.endsWith('.json'));
    },

    async anyValid() {
      return (await listTokens(tokensIn(dataDir))).some((record) => record.revokedAt === null);
    },

    async verify(token) {
      const id = tokenIdOf(token);
      const entry = id === null ? null : await valid(id);
      if (id === null || entry === null || !(await matches(entry, token))) return null;
      return { id, userId: toUserId(entry.file.user_id) };
    },

    async isValid(id) {
      return (await valid(id)) !== null;
    },
  };
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
