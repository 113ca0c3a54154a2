import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPostgresStore } from '../../src/adapters/postgres/postgres-store.js';
import { newChainId, toUserId } from '../../src/model/ids.js';
import type { Operation } from '../../src/model/operation.js';
import { createPageTerms } from '../../src/retrieval/candidates/page-terms.js';
import { describeWithDatabase, type EmptyDatabase, emptyDatabase } from '../support/database.js';
import { PostgresProcess } from '../support/postgres-process.js';
import { added, makeFact, makeHead, makePage, put } from '../support/records.js';
import { describeMemoryIndex } from './memory-index.js';
import { describeStore } from './store.js';

describeWithDatabase('store: PostgreSQL', (url) => {
  describeStore('PostgreSQL', async () => {
    const schema = `test_${randomUUID().replaceAll('-', '')}`;
    const store = createPostgresStore({ url, schema, readTerms: createPageTerms() });
    return {
      store,
      sharesWork: true,
      spawn: (name, migrates) => new PostgresProcess({ url, schema, user: 'alice', name, migrates }),
      dispose: () => store.close(),
    };
  });

  describeMemoryIndex('PostgreSQL', async (readTerms) => {
    const schema = `test_${randomUUID().replaceAll('-', '')}`;
    const store = createPostgresStore({ url, schema, readTerms });
    const memory = await store.open(toUserId('alice'));
    return {
      memory,
      index: memory.index,
      dispose: async () => {
        await memory.close();
        await store.close();
      },
    };
  });

  describe('PostgreSQL', () => {
    let database: EmptyDatabase;
    const alice = toUserId('alice');
    const bob = toUserId('bob');
    const readTerms = createPageTerms();

    beforeEach(async () => {
      database = await emptyDatabase(url);
    });
    afterEach(() => database.drop());

    it('shows a statement without a where only the rows of the user its transaction is for', async () => {
      const store = createPostgresStore({ url: database.url, readTerms });
      for (const user of [alice, bob]) {
        const memory = await store.open(user);
        const head = makeHead('evicted');
        await memory.transact({}, () => [
          added(makePage(`said by ${user}`)),
          put(head),
          { op: 'fact_put', fact: makeFact(`of ${user}`, []) },
          { op: 'segment_archived', segment_id: head.id },
        ]);
        await memory.close();
      }
      await store.close();
      const role = database.name;
      const tables = ['pages', 'facts', 'archive', 'postings', 'page_terms', 'page_counts', 'term_counts'];
      const each = (rows: number) => Object.fromEntries(tables.map((table) => [table, rows]));
      await database.run(`create role ${role} login; grant usage on schema memoryos to ${role};
        grant select, insert, update, delete on all tables in schema memoryos to ${role}`);
      try {
        const seen = async (user: string | null) => {
          const set = user === null ? '' : `select set_config('memoryos.user', '${user}', true);`;
          const counts = tables.map(
            (table) => `(select count(distinct user_id)::int from memoryos.${table}) as ${table}`,
          );
          return database.last(
            `begin; set local role ${role}; ${set} select ${counts.join(', ')}; rollback`,
            -2,
          );
        };
        expect(await seen(null)).toEqual(each(0));
        expect(await seen('alice')).toEqual(each(1));
        // A role with these rights can do everything that a server does.
        const own = new URL(database.url);
        own.username = role;
        const served = createPostgresStore({ url: own.href, readTerms });
        const memory = await served.open(alice);
        await memory.transact({}, () => [added(makePage('more'))]);
        const { oldest } = await memory.read({ oldest: 9 });
        expect(oldest.map((page) => page.user_input)).toEqual(['said by alice', 'more']);
        await memory.close();
        await served.close();
      } finally {
        await database.run(`drop owned by ${role}; drop role ${role}`);
      }
    });

    it('keeps the counts of words that counting anew gives', async () => {
      const store = createPostgresStore({ url: database.url, readTerms });
      const memory = await store.open(alice);
      const texts = [
        'The boat has two sails.',
        'Two boats left.',
        'Das Boot hat ein Segel.',
        'Sails are sewn.',
        'Boats again.',
      ];
      const pages = texts.map((text, i) =>
        makePage(text, { meta_data: i % 2 === 0 ? { project: 'harbour' } : {} }),
      );
      const page = (i: number) => pages[i] ?? makePage('');
      const head = makeHead('boats');
      const kept = `select coalesce(json_agg(c order by c.term), '[]') as terms,
        (select coalesce(json_agg(p order by p.language), '[]') from memoryos.page_counts p) as whole from memoryos.term_counts c`;
      const anew = `select coalesce(json_agg(c order by c.term), '[]') as terms,
        (select coalesce(json_agg(p order by p.language), '[]') from (select user_id, language, count(*) as pages,
          sum(cardinality(user_terms)) as user_words, sum(cardinality(agent_terms)) as agent_words, count(project) as in_projects
          from memoryos.page_terms group by 1, 2) p) as whole
        from (select user_id, term, count(*) as pages, count(*) filter (where by_user) as by_user,
          count(*) filter (where by_agent) as by_agent from memoryos.postings group by 1, 2) c`;
      const forget = (i: number) => ({ op: 'page_forgotten' as const, page_id: page(i).id });
      const migrate = (i: number) => ({
        op: 'page_migrated' as const,
        page_id: page(i).id,
        segment_id: head.id,
        chain_id: newChainId(0),
        meta_info: '',
      });
      const history: Operation[][] = [
        [added(page(0)), added(page(1)), added(page(2))],
        // Stored and removed in one transaction.
        [added(page(3)), forget(3)],
        [put(head), migrate(0), migrate(1)],
        [forget(0)],
        [added(page(4)), migrate(4), { op: 'segment_archived', segment_id: head.id }],
        [forget(2)],
      ];
      for (const operations of history) {
        await memory.transact({}, () => operations);
        const [counts] = await database.run(kept);
        expect(counts).toEqual((await database.run(anew))[0]);
      }
      expect((await database.run(kept))[0]).toEqual({ terms: [], whole: [] });
      await memory.close();
      await store.close();
    });

    it('guards every table but those that are asked for all users, which hold nothing that was said', async () => {
      const store = createPostgresStore({ url: database.url, readTerms });
      await store.listUsers();
      await store.close();
      const open =
        await database.run(`select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'memoryos' and c.relkind = 'r' and not (c.relrowsecurity and c.relforcerowsecurity) order by 1`);
      expect(open.map(({ name }) => name)).toEqual(['counts', 'memories', 'schema_version', 'tokens']);
      const columns = await database.run(`select column_name as name from information_schema.columns
        where table_schema = 'memoryos' and table_name = 'memories' order by ordinal_position`);
      expect(columns.map(({ name }) => name)).toEqual([
        'user_id',
        'version',
        'recent',
        'last_migrated',
        'archived_segments',
        'archived_pages',
        'work_at',
        'claimed_by',
        'claimed_until',
      ]);
    });

    it('brings the schema up to date once, also where many begin at the same time', async () => {
      const stores = Array.from({ length: 5 }, () => createPostgresStore({ url: database.url, readTerms }));
      await Promise.all(stores.map((store) => store.listUsers()));
      expect(await database.run('select version from memoryos.schema_version')).toEqual([{ version: 1 }]);
      for (const store of stores) await store.close();
    });

    it('refuses a schema of a newer version, and changes nothing', async () => {
      await database.run(`create schema memoryos; create table memoryos.schema_version (version int);
        insert into memoryos.schema_version values (999)`);
      const store = createPostgresStore({ url: database.url, readTerms });
      await expect(store.listUsers()).rejects.toMatchObject({ code: 'STORE_NEWER' });
      await store.close();
      const tables = await database.run(
        `select count(*)::int as n from pg_tables where schemaname = 'memoryos'`,
      );
      expect(tables).toEqual([{ n: 1 }]);
    });

    it('names the problem while no database answers, and continues once one does', async () => {
      const away = createPostgresStore({ url: 'postgres://nobody@127.0.0.1:1/none', readTerms });
      await expect(away.open(alice)).rejects.toMatchObject({ code: 'STORE_IO' });
      await away.close();
      const store = createPostgresStore({ url: database.url, readTerms });
      const memory = await store.open(alice);
      await memory.transact({}, () => [added(makePage('before'))]);
      await database.run(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'memoryos-mcp'
        and datname = current_database()`);
      await expect
        .poll(() => memory.transact({}, () => [added(makePage('after'))]).catch(() => null))
        .toHaveLength(1);
      const { oldest } = await memory.read({ oldest: 9 });
      expect(oldest.map((page) => page.user_input)).toEqual(['before', 'after']);
      await memory.close();
      await store.close();
    });
  });
});
