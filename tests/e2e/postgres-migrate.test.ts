import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCli } from '../support/cli-process.js';
import { describeWithDatabase, type EmptyDatabase, emptyDatabase } from '../support/database.js';
import { makeFolder } from '../support/folders.js';

describeWithDatabase('the command migrate', (url) => {
  let database: EmptyDatabase;
  let place: Awaited<ReturnType<typeof makeFolder>>;

  beforeEach(async () => {
    database = await emptyDatabase(url);
    place = await makeFolder();
  });
  afterEach(async () => {
    await place.remove();
    await database.drop();
  });

  const cli = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    runCli(['--data', path.join(place.folder, 'data'), ...args], {
      cwd: place.folder,
      env: {
        MEMORYOS_STORE: 'postgres',
        MEMORYOS_DATABASE_URL: database.url,
        MEMORYOS_MIGRATE: 'manual',
        ...env,
      },
    });
  const versions = () => database.run('select version from memoryos.schema_version order by version');

  it('makes the tables that nobody else makes where migrate is "manual", also by two at once', async () => {
    const before = await cli(['stats']);
    expect(before.code).toBe(74);
    expect(before.stderr).toMatch(/migrate is "manual", run "memoryos-mcp migrate". Nothing was changed/);
    expect(await database.run(`select 1 from pg_namespace where nspname = 'memoryos'`)).toEqual([]);

    const both = await Promise.all([cli(['migrate']), cli(['migrate'])]);
    for (const { code, stderr } of both) {
      expect({ code, stderr }).toEqual({
        code: 0,
        stderr: expect.stringMatching(/The tables of the database now have version \d+/),
      });
    }
    const made = await versions();
    expect(new Set(made.map(({ version }) => version)).size).toBe(made.length);

    expect((await cli(['migrate'])).code).toBe(0);
    expect(await versions()).toEqual(made);
    const added = await cli(['--log-level', 'error', 'add', 'I keep bees.', 'Noted.']);
    expect(added).toMatchObject({ code: 0, stderr: '' });
  });

  it('waits for one that is under way', async () => {
    await database.run('begin; select pg_advisory_xact_lock(7301946215)');
    let isDone = false;
    const running = cli(['migrate']).then((ended) => {
      isDone = true;
      return ended;
    });
    const waiting = `select count(*)::int as n from pg_locks where locktype = 'advisory' and not granted`;
    await expect.poll(async () => (await database.run(waiting))[0], { timeout: 10_000 }).toEqual({ n: 1 });
    expect(isDone).toBe(false);
    await database.run('commit');
    expect((await running).code).toBe(0);
  });

  it('refuses a newer schema, a role without the right, and files, and changes nothing', async () => {
    const role = database.name;
    await database.run(`create role ${role} login`);
    const own = new URL(database.url);
    own.username = role;
    const refused = await cli(['migrate'], { MEMORYOS_DATABASE_URL: own.href });
    expect(refused.code).toBe(74);
    expect(refused.stderr).toMatch(
      /may create no schema in the database.*Run memoryos-mcp migrate as the owner/,
    );
    await database.run(`drop role ${role}`);

    const files = await cli(['migrate'], { MEMORYOS_STORE: 'files' });
    expect(files.code).toBe(78);
    expect(files.stderr).toMatch(/store is "files"/);

    await database.run(`create schema memoryos; create table memoryos.schema_version (version int);
        insert into memoryos.schema_version values (999)`);
    const newer = await cli(['migrate']);
    expect(newer.code).toBe(74);
    expect(newer.stderr).toMatch(
      /has version 999; this program knows version \d+. Install the newer memoryos-mcp/,
    );
    expect(await versions()).toEqual([{ version: 999 }]);
    const tables = `select count(*)::int as n from pg_tables where schemaname = 'memoryos'`;
    expect(await database.run(tables)).toEqual([{ n: 1 }]);
  });
});
