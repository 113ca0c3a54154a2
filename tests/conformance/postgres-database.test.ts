import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPostgresStore } from '../../src/adapters/postgres/postgres-store.js';
import { checkServer } from '../../src/adapters/postgres/readiness.js';
import { toUserId } from '../../src/model/ids.js';
import { createPageTerms } from '../../src/retrieval/candidates/page-terms.js';
import { describeWithDatabase, type EmptyDatabase, emptyDatabase } from '../support/database.js';
import { added, makePage } from '../support/records.js';

const readTerms = createPageTerms();
const alice = toUserId('alice');

it('refuses a server without pgvector, and an old one', () => {
  const good = { server: '16.2', major: '16', encoding: 'UTF8', vector_in: null, has_vector: 'true' };
  const url = 'postgres://app:hidden@db.example.com/memoryos';
  expect(() => checkServer(good, url)).not.toThrow();
  expect(() => checkServer({ ...good, has_vector: 'false' }, url)).toThrow(
    /PostgreSQL at db.example.com has no pgvector. Install/,
  );
  expect(() => checkServer({ ...good, server: '15.18', major: '15' }, url)).toThrow(
    /is version 15.18; it must be 16/,
  );
});

describeWithDatabase('a PostgreSQL database', (url) => {
  let database: EmptyDatabase;

  beforeEach(async () => {
    database = await emptyDatabase(url);
  });
  afterEach(() => database.drop());

  const changed = (change: (url: URL) => void): string => {
    const own = new URL(database.url);
    change(own);
    return own.href;
  };

  /** The error of opening. Checks that the password is not part of it. */
  async function refusal(given: string, migrate?: 'manual'): Promise<string> {
    const secret =
      changed(() => undefined) === given ? given : given.replace(/:\/\/([^:@/]+)@/, '://$1:hush@');
    const store = createPostgresStore({ url: secret, readTerms, ...(migrate ? { migrate } : {}) });
    try {
      await store.open(alice);
      return 'opened';
    } catch (error) {
      expect(error).toMatchObject({ name: 'MemoryError' });
      const { message } = error as Error;
      expect(message).not.toContain('hush');
      return message;
    } finally {
      await store.close();
    }
  }

  async function withRole(grants: string, job: (role: string) => Promise<void>): Promise<void> {
    const role = database.name;
    await database.run(`create role ${role} login; ${grants.replaceAll('ROLE', role)}`);
    try {
      await job(role);
    } finally {
      await database.run(`drop owned by ${role}; drop role ${role}`);
    }
  }

  const schemas = () => database.run(`select nspname from pg_namespace where nspname = 'memoryos'`);

  describe('a database that cannot hold memories is refused with advice, and not changed', () => {
    it('no server, no database, no role', async () => {
      expect(await refusal('postgres://app@127.0.0.1:1/none')).toMatch(
        /No PostgreSQL answers at 127.0.0.1:1. Start it, or correct/,
      );
      expect(await refusal(changed((own) => (own.pathname = '/no_such')))).toMatch(
        /There is no database "no_such" at .* Create it/,
      );
      expect(await refusal(changed((own) => (own.username = 'no_such')))).toMatch(
        /does not accept the role "no_such"/,
      );
    });

    it('another encoding', async () => {
      const name = `${database.name}_latin`;
      await database.run(`create database ${name} encoding 'LATIN1' locale 'C' template template0`);
      try {
        expect(await refusal(changed((own) => (own.pathname = `/${name}`)))).toMatch(
          /has the encoding LATIN1; it must be UTF8. Create another/,
        );
      } finally {
        await database.run(`drop database ${name} with (force)`);
      }
    });

    it('but not one of another collation', async () => {
      const name = `${database.name}_c`;
      await database.run(`create database ${name} encoding 'UTF8' locale 'C' template template0`);
      try {
        expect(await refusal(changed((own) => (own.pathname = `/${name}`)))).toBe('opened');
      } finally {
        await database.run(`drop database ${name} with (force)`);
      }
    });

    it('the extension in another schema', async () => {
      await database.run('create schema elsewhere; create extension vector schema elsewhere');
      expect(await refusal(database.url)).toMatch(/is in the schema "elsewhere".*set schema public/);
      expect(await schemas()).toEqual([]);
    });

    it('a role that may create nothing, and one that may not use the tables', async () => {
      await withRole('', async (role) => {
        const own = changed((given) => (given.username = role));
        expect(await refusal(own)).toMatch(/may create no schema.*Run memoryos-mcp migrate as the owner/);
        expect(await schemas()).toEqual([]);
        expect(await refusal(database.url)).toBe('opened');
        expect(await refusal(own)).toMatch(/may not read and write the schema memoryos. As the owner: grant/);
        await database.run(
          `grant usage on schema memoryos to ${role}; grant select on all tables in schema memoryos to ${role}`,
        );
        expect(await refusal(own)).toMatch(
          /may not read and write the tables archive, .*grant select, insert/,
        );
        await database.run(
          `grant select, insert, update, delete on all tables in schema memoryos to ${role}`,
        );
        expect(await refusal(own)).toBe('opened');
      });
    });

    it('and a role that no policy binds is warned of, once', async () => {
      const warned = async (given: string) => {
        const told: string[] = [];
        const store = createPostgresStore({
          url: given,
          readTerms,
          warn: (message) => void told.push(message),
        });
        await store.listUsers();
        await store.open(alice);
        await store.close();
        return told;
      };
      expect(await warned(database.url)).toEqual([
        expect.stringMatching(/The role "\w+" is a superuser or has BYPASSRLS.*Run servers as another role/),
      ]);
      const rights = `grant usage on schema memoryos to ROLE; grant select, insert, update, delete on all tables in schema memoryos to ROLE`;
      await withRole(rights, async (role) => {
        const own = changed((given) => (given.username = role));
        expect(await warned(own)).toEqual([]);
        await database.run(`alter role ${role} bypassrls`);
        expect(await warned(own)).toHaveLength(1);
      });
    });

    it('tables that only `migrate` may create', async () => {
      expect(await refusal(database.url, 'manual')).toMatch(
        /has version 0; this program needs version 1. Because migrate is "manual", run "memoryos-mcp migrate"/,
      );
      expect(await schemas()).toEqual([]);
      const owner = createPostgresStore({ url: database.url, readTerms, migrate: 'manual' });
      expect(await owner.migrate()).toBe(1);
      await owner.close();
      expect(await refusal(database.url, 'manual')).toBe('opened');
    });
  });

  describe('a connection that breaks in a transaction', () => {
    const proxies: Server[] = [];
    afterEach(() => {
      for (const proxy of proxies.splice(0)) proxy.close();
    });

    /** A connection to the database that breaks once, at the first commit of operations: before the commit arrives, or before its answer. */
    async function breakingAt(what: 'commit' | 'answer') {
      const target = new URL(database.url);
      let breaks = 0;
      const way = { url: '', breaks: () => breaks, beforeBreak: (): Promise<unknown> => Promise.resolve() };
      const proxy = createServer((client) => {
        const server = connect(Number(target.port || 5432), target.hostname);
        const end = () => {
          client.destroy();
          server.destroy();
        };
        let isLast = false;
        client.on('data', (chunk: Buffer) => {
          const isCommit = chunk.includes('apply_operations') && chunk.includes('; commit');
          if (isCommit && breaks === 0) {
            breaks += 1;
            if (what === 'commit') return end();
            isLast = true;
          }
          server.write(chunk);
        });
        server.on('data', async (chunk: Buffer) => {
          if (!isLast) return client.write(chunk);
          await way.beforeBreak();
          end();
        });
        for (const socket of [client, server]) {
          socket.on('error', end);
          socket.on('close', end);
        }
      }).listen(0, '127.0.0.1');
      await once(proxy, 'listening');
      proxies.push(proxy);
      const { port } = proxy.address() as AddressInfo;
      way.url = changed((own) => (own.port = String(port)));
      return way;
    }

    it.each(['commit', 'answer'] as const)(
      'loses nothing and stores nothing twice (the %s is lost)',
      async (what) => {
        const way = await breakingAt(what);
        const store = createPostgresStore({ url: way.url, readTerms });
        const memory = await store.open(alice);
        let decided = 0;
        const done = memory.transact({}, () => {
          decided += 1;
          return [added(makePage(`try ${decided}`))];
        });
        await expect(done).resolves.toMatchObject([
          { page: { user_input: `try ${what === 'commit' ? 2 : 1}` } },
        ]);
        expect(way.breaks()).toBe(1);
        expect(decided).toBe(what === 'commit' ? 2 : 1);
        const { oldest, counts } = await memory.read({ oldest: 9, counts: true });
        expect(oldest.map((page) => page.user_input)).toEqual([`try ${decided}`]);
        expect(counts.seq).toBe(1);
        await memory.close();
        await store.close();
      },
    );

    it('says so where so much was stored since that nobody can tell', async () => {
      const way = await breakingAt('answer');
      const store = createPostgresStore({ url: way.url, readTerms });
      const memory = await store.open(alice);
      const other = createPostgresStore({ url: database.url, readTerms });
      const fast = await other.open(alice);
      way.beforeBreak = async () => {
        for (let i = 0; i < 9; i += 1) await fast.transact({}, () => [added(makePage(`other ${i}`))]);
      };
      await expect(memory.transact({}, () => [added(makePage('mine'))])).rejects.toThrow(
        /broke while it committed. Check whether it is stored/,
      );
      expect((await fast.read({ counts: true })).counts.shortTerm).toBe(10);
      await memory.close();
      await store.close();
      await fast.close();
      await other.close();
    });

    it('reads again', async () => {
      const store = createPostgresStore({ url: database.url, readTerms });
      const memory = await store.open(alice);
      await memory.transact({}, () => [added(makePage('kept'))]);
      for (let i = 0; i < 5; i += 1) {
        await database.run(
          `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'memoryos-mcp' and datname = current_database()`,
        );
        const { oldest } = await memory.read({ oldest: 9 });
        expect(oldest).toHaveLength(1);
      }
      await memory.close();
      await store.close();
    });

    it('leaves no setting behind in a session, so that a pooler may reuse it', async () => {
      const seen = new pg.Client(database.url);
      await seen.connect();
      const store = createPostgresStore({ url: database.url, readTerms, connectionsMax: 1 });
      const memory = await store.open(alice);
      await memory.read({ oldest: 1 });
      await store.listUsers();
      const rows = await database.run(
        `select query from pg_stat_activity where application_name = 'memoryos-mcp' and datname = current_database()`,
      );
      expect(rows).toHaveLength(1);
      expect(JSON.stringify(rows)).not.toMatch(/set_config\([^)]*false\)/);
      await seen.end();
      await memory.close();
      await store.close();
    });
  });
});
