import { timingSafeEqual } from 'node:crypto';
import type { KeptToken, TokenTable } from '../../adapters/postgres/shared-tables.js';
import { toUserId } from '../../model/ids.js';
import type { TokenVerifier } from './token-verifier.js';
import { digestOf, type TokenFile, type TokenRecords, tokenIdOf } from './tokens.js';

/** Tokens of a database, the same for every server on it. */
export function tokensOfDatabase(table: TokenTable): TokenRecords {
  return {
    async read(id) {
      const row = await table.read(id);
      return row === null ? null : fileOf(row);
    },
    all: async () => (await table.all()).map(fileOf),
    async write(file) {
      const { schema_version: _, ...row } = file;
      if (!('sha256' in row)) throw new Error('a token of version 1 is kept in files only');
      await table.write(row);
    },
  };
}

/** Verifies tokens of a database: it is asked each time, so a token that is revoked anywhere stops counting at once. */
export function createDatabaseTokenVerifier(table: TokenTable): TokenVerifier {
  const valid = async (id: string) => {
    const row = await table.read(id);
    return row === null || row.revoked_at !== null || row.sha256 === null ? null : row;
  };
  return {
    any: async () => (await table.count()).made > 0,
    anyValid: async () => (await table.count()).valid > 0,
    async verify(token) {
      const id = tokenIdOf(token);
      const row = id === null ? null : await valid(id);
      if (row === null || row.sha256 === null) return null;
      const [expected, found] = [Buffer.from(row.sha256, 'base64url'), digestOf(token)];
      if (expected.length !== found.length || !timingSafeEqual(expected, found)) return null;
      return { id: row.token_id, userId: toUserId(row.user_id) };
    },
    isValid: async (id) => (await valid(id)) !== null,
  };
}

function fileOf(row: KeptToken): TokenFile {
  return { schema_version: 2, ...row };
}
