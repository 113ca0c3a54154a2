import { createHash, randomBytes, randomInt, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { readWhole, writeAtomically } from '../../lib/io/file-access.js';
import { nodeFiles } from '../../lib/io/files.js';
import { MemoryError, messageOf } from '../../model/errors.js';
import { toUserId, type UserId } from '../../model/ids.js';

/** Information about a token, without the token itself. */
export interface TokenRecord {
  readonly id: string;
  readonly userId: UserId;
  readonly name: string;
  readonly createdAt: string;
  /** Null while it is valid. */
  readonly revokedAt: string | null;
}

const idPattern = /^[a-z0-9]{12}$/;
const tokenPattern = /^mos_([a-z0-9]{12})_[A-Za-z0-9_-]{43}$/;

const about = {
  token_id: z.string().regex(idPattern),
  user_id: z.string(),
  name: z.string(),
  created_at: z.iso.datetime(),
  revoked_at: z.iso.datetime().nullable(),
};
const fileSchema = z.discriminatedUnion('schema_version', [
  z.strictObject({
    schema_version: z.literal(2),
    ...about,
    /**
     * Hash of the complete token, in base64url; null after revocation. A plain hash is enough, because a
     * token has 256 random bits.
     */
    sha256: z.base64url().nullable(),
  }),
  z.strictObject({
    schema_version: z.literal(1),
    ...about,
    scrypt: z
      .strictObject({
        salt: z.base64url(),
        hash: z.base64url(),
        n: z.number().int().max(1_048_576),
        r: z.number().int().max(32),
        p: z.number().int().max(16),
      })
      .nullable(),
  }),
]);
export type TokenFile = z.infer<typeof fileSchema>;

/** The folder of tokens. Each token has its own small file, so writers never conflict. */
export function tokensFolder(dataDir: string): string {
  return join(dataDir, 'tokens');
}

/** The file of a token. The id must have passed {@link tokenIdOf} or {@link isTokenId}. */
export function tokenPath(dataDir: string, id: string): string {
  return join(tokensFolder(dataDir), `${id}.json`);
}

export function isTokenId(text: string): boolean {
  return idPattern.test(text);
}

/** The id in a token; null when the text is not a token of this program. */
export function tokenIdOf(token: string): string | null {
  return tokenPattern.exec(token)?.[1] ?? null;
}

/** The store of tokens: a data folder or a database. */
export interface TokenRecords {
  /**
   * Null when there is no such token. The id must have passed {@link isTokenId}. Throws STORE_CORRUPT,
   * STORE_IO.
   */
  read(id: string): Promise<TokenFile | null>;
  /** In any order. */
  all(): Promise<TokenFile[]>;
  /** Adds or replaces a token. Throws STORE_IO. */
  write(file: TokenFile): Promise<void>;
}

/** Tokens in a data folder. */
export function tokensIn(dataDir: string): TokenRecords {
  return {
    read: (id) => readToken(dataDir, id),
    async all() {
      const names = await nodeFiles.list(tokensFolder(dataDir));
      const ids = names.flatMap((name) => /^([a-z0-9]{12})\.json$/.exec(name)?.[1] ?? []);
      const files = await Promise.all(ids.map((id) => readToken(dataDir, id)));
      return files.filter((file) => file !== null);
    },
    write: (file) => write(dataDir, file),
  };
}

/** Creates a token for a user. Only the result contains the token; the record stores its SHA-256. */
export async function createToken(
  tokens: TokenRecords,
  about: { readonly userId: UserId; readonly name: string; readonly nowMs: number },
): Promise<{ readonly token: string; readonly record: TokenRecord }> {
  const id = newTokenId();
  const token = `mos_${id}_${randomBytes(32).toString('base64url')}`;
  const file: TokenFile = {
    schema_version: 2,
    token_id: id,
    user_id: about.userId,
    name: about.name,
    created_at: new Date(about.nowMs).toISOString(),
    revoked_at: null,
    sha256: digestOf(token).toString('base64url'),
  };
  await tokens.write(file);
  return { token, record: recordOf(file) };
}

/** All tokens ever created, oldest first. */
export async function listTokens(tokens: TokenRecords): Promise<TokenRecord[]> {
  const files = await tokens.all();
  return files.map(recordOf).sort((a, b) => a.createdAt.localeCompare(b.createdAt));
}

/** Revokes a token at once. May be repeated. Throws NOT_FOUND. */
export async function revokeToken(tokens: TokenRecords, id: string, nowMs: number): Promise<TokenRecord> {
  const file = isTokenId(id) ? await tokens.read(id) : null;
  if (file === null) {
    throw new MemoryError(
      'NOT_FOUND',
      `There is no token ${JSON.stringify(id.slice(0, 40))}. See "memoryos-mcp token list" for the ids.`,
    );
  }
  if (file.revoked_at !== null) return recordOf(file);
  const revoked_at = new Date(nowMs).toISOString();
  const revoked: TokenFile =
    file.schema_version === 1 ? { ...file, revoked_at, scrypt: null } : { ...file, revoked_at, sha256: null };
  await tokens.write(revoked);
  return recordOf(revoked);
}

/** Null when there is no such token. Throws STORE_CORRUPT. */
export async function readToken(dataDir: string, id: string): Promise<TokenFile | null> {
  const data = await readWhole(nodeFiles, tokenPath(dataDir, id));
  if (data === null) return null;
  try {
    const file = fileSchema.parse(JSON.parse(data.toString('utf8')));
    toUserId(file.user_id);
    if (file.token_id !== id) throw new Error(`it holds the token ${file.token_id}`);
    return file;
  } catch (cause) {
    throw new MemoryError(
      'STORE_CORRUPT',
      `tokens/${id}.json is damaged, so this token cannot be used. Delete the file and create another token.`,
      { cause },
    );
  }
}

export function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

const derive: (secret: string, salt: Buffer, bytes: number, options: ScryptOptions) => Promise<Buffer> =
  promisify(scrypt);

/** Whether this is the token of a file of version 1, whose hash takes about 50 ms to compute. */
export async function matchesScrypt(
  { salt, hash, n, r, p }: NonNullable<Extract<TokenFile, { schema_version: 1 }>['scrypt']>,
  token: string,
): Promise<boolean> {
  const expected = Buffer.from(hash, 'base64url');
  const options = { N: n, r, p, maxmem: 256 * n * r };
  const found = await derive(token, Buffer.from(salt, 'base64url'), expected.length, options);
  return timingSafeEqual(expected, found);
}

function newTokenId(): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';
  return Array.from({ length: 12 }, () => letters[randomInt(letters.length)]).join('');
}

async function write(dataDir: string, file: TokenFile): Promise<void> {
  try {
    await nodeFiles.makeFolder(tokensFolder(dataDir));
    await writeAtomically(nodeFiles, tokenPath(dataDir, file.token_id), `${JSON.stringify(file, null, 2)}\n`);
  } catch (cause) {
    throw new MemoryError(
      'STORE_IO',
      `${tokensFolder(dataDir)} cannot be written: ${messageOf(cause)}. Nothing was changed; allow this user to write there.`,
      { cause },
    );
  }
}

function recordOf(file: TokenFile): TokenRecord {
  return {
    id: file.token_id,
    userId: toUserId(file.user_id),
    name: file.name,
    createdAt: file.created_at,
    revokedAt: file.revoked_at,
  };
}
