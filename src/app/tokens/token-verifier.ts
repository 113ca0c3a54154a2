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

/** Tells whose token it is. What other processes create or revoke counts at once. */
export interface TokenVerifier {
  /** Whether tokens were ever made here, valid or not. */
  any(): Promise<boolean>;
  /** Whether there is a token that is not revoked. Throws STORE_CORRUPT. */
  anyValid(): Promise<boolean>;
  /** Null for a token that is wrong or revoked. Throws STORE_CORRUPT and STORE_IO. */
  verify(token: string): Promise<VerifiedToken | null>;
  /** Whether a token that was verified still counts. Throws what `verify` throws. */
  isValid(id: string): Promise<boolean>;
}

/** A token's file as it was last read. */
interface Known {
  /** Another file, another stamp. */
  readonly stamp: string;
  readonly file: TokenFile;
  /** Of the token; null while it is not known: the file holds a scrypt hash, and the right token has not come yet. */
  digest: Buffer | null;
  /** For scrypt: one at a time for one token, so that guesses at it keep nobody else waiting. */
  readonly hashing: WriteLane;
}

/** Verifies tokens of a data folder. */
export function createTokenVerifier(dataDir: string): TokenVerifier {
  const known = new Map<string, Known>();

  /** Null for a token that does not exist or is revoked. */
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
