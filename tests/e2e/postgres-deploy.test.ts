import { spawnSync } from 'node:child_process';
import path from 'node:path';
import pg from 'pg';
import { afterAll, expect, it } from 'vitest';
import { createMemory } from '../../src/index.js';
import { describeWithDatabase, type EmptyDatabase, emptyDatabase } from '../support/database.js';
import { makeFolder } from '../support/folders.js';

describeWithDatabase(
  'deploy/create-role.sh',
  (url) => {
    const server = new URL(url);
    let admin: EmptyDatabase | null = null;
    afterAll(async () => {
      await admin?.run('drop database if exists memoryos with (force)');
      await admin?.run('drop role if exists memoryos');
      await admin?.drop();
    });

    it('makes a role that is no superuser, and a database in which it keeps memories', async () => {
      admin = await emptyDatabase(url);
      const there = await admin.run(`select 1 from pg_roles where rolname = 'memoryos'`);
      expect(there, 'the server must not have the role yet').toEqual([]);
      const made = spawnSync('sh', [path.resolve('deploy/create-role.sh')], {
        encoding: 'utf8',
        env: {
          ...process.env,
          POSTGRES_USER: server.username,
          ROLE_PASSWORD: "it's a secret",
          PGHOST: server.hostname,
          PGPORT: server.port,
          PGPASSWORD: decodeURIComponent(server.password),
          PGDATABASE: 'postgres',
        },
      });
      expect(made.stderr).toBe('');
      expect(made.status).toBe(0);
      const own = new URL(url);
      own.username = 'memoryos';
      own.password = encodeURIComponent("it's a secret");
      own.pathname = '/memoryos';
      const folder = await makeFolder();
      const memory = await createMemory({
        store: 'postgres',
        database_url: own.href,
        data_storage_path: folder.folder,
        embedding_model_name: 'words',
      });
      try {
        await memory.add({ userInput: 'My sister lives in Ghent.' });
        await memory.flush();
        const found = await memory.retrieve({ query: 'Where does my sister live?' });
        expect(JSON.stringify(found)).toContain('Ghent');
        const rows = `select relrowsecurity and relforcerowsecurity as bound from pg_class where relname = 'pages'`;
        const client = new pg.Client(own.href);
        await client.connect();
        expect((await client.query(rows)).rows).toEqual([{ bound: true }]);
        expect(
          (await client.query('select usesuper from pg_user where usename = current_user')).rows,
        ).toEqual([{ usesuper: false }]);
        // The role sees nothing unless the transaction names a user.
        expect((await client.query('select count(*)::int as seen from memoryos.pages')).rows).toEqual([
          { seen: 0 },
        ]);
        await client.end();
      } finally {
        await memory.close();
        await folder.remove();
      }
    });
  },
  'psql',
);
