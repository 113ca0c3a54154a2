import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createPostgresStore, type PostgresStore } from '../../src/adapters/postgres/postgres-store.js';
import { toUserId } from '../../src/model/ids.js';
import { createPageTerms } from '../../src/retrieval/candidates/page-terms.js';
import { freePort } from '../interop/tools.js';
import { describeWithDatabase, type EmptyDatabase, emptyDatabase } from '../support/database.js';
import { makeFolder } from '../support/folders.js';
import { added, makePage } from '../support/records.js';

const serversMax = 3;

describeWithDatabase(
  'behind PgBouncer in transaction mode',
  (url) => {
    let database: EmptyDatabase;
    let place: Awaited<ReturnType<typeof makeFolder>>;
    let bouncer: ChildProcess;
    let pooled: string;
    const stores: PostgresStore[] = [];

    beforeEach(async () => {
      database = await emptyDatabase(url);
      place = await makeFolder();
      await chmod(place.folder, 0o755);
      const target = new URL(database.url);
      const port = await freePort();
      const password = target.password === '' ? '' : ` password=${decodeURIComponent(target.password)}`;
      const file = path.join(place.folder, 'pgbouncer.ini');
      await writeFile(
        file,
        `[databases]
* = host=${target.hostname} port=${target.port || 5432} user=${decodeURIComponent(target.username)}${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${serversMax}
`,
      );
      // PgBouncer does not run as root.
      const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
      bouncer = spawn('pgbouncer', ['-q', ...user, file], { stdio: 'ignore' });
      target.hostname = '127.0.0.1';
      target.port = String(port);
      pooled = target.href;
      const answers = async () => {
        const client = new pg.Client(pooled);
        client.on('error', () => undefined);
        return client
          .connect()
          .then(() => client.end())
          .then(
            () => true,
            () => false,
          );
      };
      await expect.poll(answers, { timeout: 10_000 }).toBe(true);
    });
    afterEach(async () => {
      for (const store of stores.splice(0)) await store.close();
      const ended = once(bouncer, 'exit');
      bouncer.kill('SIGINT');
      await ended;
      await place.remove();
      await database.drop();
    });

    function store(): PostgresStore {
      const made = createPostgresStore({
        url: pooled,
        readTerms: createPageTerms(),
        notices: { checkEveryMs: 100, arriveMsMax: 300 },
      });
      stores.push(made);
      return made;
    }

    it('many connections share few, and no user sees what another one said', async () => {
      const both = [store(), store()];
      const users = Array.from({ length: 12 }, (_, i) => toUserId(`user ${i}`));
      await Promise.all(
        users.flatMap((user) =>
          both.map(async (one) => {
            const memory = await one.open(user);
            for (let i = 0; i < 4; i += 1)
              await memory.transact({ newest: 3 }, () => [added(makePage(`said by ${user}`))]);
            await memory.close();
          }),
        ),
      );
      for (const user of users) {
        const memory = await (both[0] as PostgresStore).open(user);
        const { oldest } = await memory.read({ oldest: 99 });
        expect(oldest.map((page) => page.user_input)).toEqual(Array(8).fill(`said by ${user}`));
        await memory.close();
      }
      const [used] = await database.run(
        `select count(*)::int as n from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
      );
      expect(used?.n).toBeLessThanOrEqual(serversMax);
      expect(await database.run('select name from pg_prepared_statements')).toEqual([]);
    });

    it('changes of other processes are found by checking, without notices', async () => {
      const memory = await store().open(toUserId('alice'));
      await memory.read({ counts: true });
      let told = 0;
      memory.subscribe(() => {
        told += 1;
      });
      const other = await store().open(toUserId('alice'));
      other.subscribe(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect([memory.isWatched, other.isWatched]).toEqual([false, false]);
      await other.transact({}, () => [added(makePage('new'))]);
      await memory.read({ counts: true });
      expect(told).toBe(1);
    });
  },
  'pgbouncer',
);
