import type { Database, Row } from './database.js';
import { literal, whole } from './slices.js';

/** An access token as stored: everything except the token itself. Times are ISO 8601. */
export interface KeptToken {
  readonly token_id: string;
  readonly user_id: string;
  readonly name: string;
  readonly created_at: string;
  readonly revoked_at: string | null;
  /** In base64url; null after revocation. */
  readonly sha256: string | null;
}

/** Access tokens, shared by all servers on a database. */
export class TokenTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async read(id: string): Promise<KeptToken | null> {
    const [row] = await this.#database.ask(`select * from tokens where token_id = ${literal(id)}`);
    return row === undefined ? null : tokenOf(row);
  }

  async all(): Promise<KeptToken[]> {
    return (await this.#database.ask('select * from tokens')).map(tokenOf);
  }

  /** How many tokens were ever created, and how many are not revoked. */
  async count(): Promise<{ readonly made: number; readonly valid: number }> {
    const [row] = await this.#database.ask(
      'select count(*) as made, count(*) filter (where revoked_at is null) as valid from tokens',
    );
    return { made: Number(row?.made), valid: Number(row?.valid) };
  }

  /** Adds or replaces a token. */
  async write(token: KeptToken): Promise<void> {
    const values = [
      token.token_id,
      token.user_id,
      token.name,
      token.created_at,
      token.revoked_at,
      token.sha256,
    ];
    await this.#database.ask(
      `insert into tokens (token_id, user_id, name, created_at, revoked_at, sha256)
        values (${values.map((value) => (value === null ? 'null' : literal(value))).join(', ')})
        on conflict (token_id) do update set revoked_at = excluded.revoked_at, sha256 = excluded.sha256`,
    );
  }
}

/** Counters shared by all servers on a database. */
export class CountTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Adds to a counter that restarts when its period is over. A retry after a broken connection may count
   * twice. Throws STORE_IO.
   */
  async add(
    key: string,
    more: number,
    windowMs: number,
  ): Promise<{ readonly count: number; readonly endsInMs: number }> {
    const [row] = await this.#database.ask(
      `insert into counts as c (key, count, ends_at)
        values (${literal(key)}, ${whole(more)}, now() + interval '${whole(windowMs)} milliseconds')
        on conflict (key) do update set
          count = case when c.ends_at <= now() then excluded.count else c.count + excluded.count end,
          ends_at = case when c.ends_at <= now() then excluded.ends_at else c.ends_at end
        returning count, (extract(epoch from ends_at - now()) * 1000)::bigint as ends_in`,
    );
    return { count: Number(row?.count), endsInMs: Number(row?.ends_in) };
  }
}

function tokenOf(row: Row): KeptToken {
  const { token_id, user_id, name, created_at, revoked_at, sha256 } = row;
  return {
    token_id: token_id ?? '',
    user_id: user_id ?? '',
    name: name ?? '',
    created_at: created_at ?? '',
    revoked_at: revoked_at ?? null,
    sha256: sha256 ?? null,
  };
}
