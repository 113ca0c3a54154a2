import pg from 'pg';
import { createPostgresStore } from '../../src/adapters/postgres/postgres-store.js';
import { toUserId } from '../../src/model/ids.js';
import { createPageTerms } from '../../src/retrieval/candidates/page-terms.js';
import { SentenceModel } from '../../src/retrieval/meaning/sentence-model.js';
import { type Material, syntheticPages } from '../retrieval-speed/synthetic.js';

/** Number of pages that the sentence model reads. The other pages reuse their vectors. */
const pagesRead = 200;
const usersAtOnce = 500;
/** Pages that go through the store; larger memories are copies of these with other ids. */
const pagesStored = 1000;

/** A memory of made-up pages: 1,000 of them through the store, and copies of these until there are enough. */
export async function fillUser(url: string, user: string, pages: number, material: Material): Promise<void> {
  await storeUser(url, user, Math.min(pages, pagesStored), material);
  const copies = Math.floor(pages / pagesStored) - 1;
  if (copies < 1) return;
  await withClient(url, async (client) => {
    // As with real ids, later ids sort after earlier ones, and rows are stored in this order.
    const other = (id: string) =>
      `(left(${id}, 7) || lpad(g.n::text, 5, '0') || left(md5(${id} || g.n), length(${id}) - 12))`;
    for (const { name, columns } of await tablesOf(client)) {
      const key = ['page_id', 'id'].find((column) => columns.includes(column));
      if (key === undefined) continue;
      const values = columns.map((column) => {
        if (['id', 'page_id', 'segment_id'].includes(column)) return other(`t.${column}`);
        if (column === 'page' || column === 'head') return `replace(t.${column}, t.id, ${other('t.id')})`;
        if (column === 'place') return 't.place + g.n * 10000000000';
        if (column === 'at_ms') return 't.at_ms + g.n * 86400000::bigint * 90';
        return `t.${column}`;
      });
      await client.query(
        `insert into ${name} (${columns.join(', ')}) select ${values.join(', ')}
         from ${name} t, generate_series(1, $2::bigint) g (n) where t.user_id = $1 order by ${other(`t.${key}`)}`,
        [user, copies],
      );
    }
    await client.query('delete from page_counts where user_id = $1', [user]);
    await client.query('delete from term_counts where user_id = $1', [user]);
    await client.query('select count_words($1, array(select id from pages where user_id = $1), 1)', [user]);
  });
}

/** Adds pages through the store, then gives the vectors of the first 200 to all in turn. */
async function storeUser(url: string, user: string, pages: number, material: Material): Promise<void> {
  const store = createPostgresStore({ url, readTerms: createPageTerms() });
  const memory = await store.open(toUserId(user));
  const texts: string[] = [];
  for (const operations of syntheticPages(pages, material, pages)) {
    for (const operation of operations) {
      if (operation.op !== 'page_added' || texts.length === pagesRead) continue;
      texts.push(`User: ${operation.page.user_input}\nAssistant: ${operation.page.agent_response}`);
    }
    await memory.transact({}, () => operations);
  }
  await memory.rest(null);
  await memory.close();
  await store.close();
  const model = new SentenceModel();
  const readings = await model.readTexts(texts);
  const client = new pg.Client(url);
  await client.connect();
  await client.query(
    'set search_path to memoryos, public; create temp table readings (n serial, vector vector, pieces bytea)',
  );
  for (const { vector, pieces } of readings) {
    const text = `[${[...vector].join(',')}]`;
    await client.query('insert into readings (vector, pieces) values ($1, $2)', [
      text,
      pieces === null ? null : Buffer.from(pieces),
    ]);
  }
  const read = `(select p.user_id, p.id as page_id, r.vector, r.pieces
     from (select user_id, id, 1 + row_number() over (order by id) % $2 as n from pages where user_id = $1) p
     join readings r on r.n = p.n) r`;
  await client.query(`insert into page_readings select r.user_id, r.page_id, $3, r.vector from ${read}`, [
    user,
    texts.length,
    model.model,
  ]);
  await client.query(
    `insert into page_pieces select r.user_id, r.page_id, r.pieces from ${read} where r.pieces is not null`,
    [user, texts.length],
  );
  await client.query('update memories set work_at = null where user_id = $1', [user]);
  await client.end();
}

/** Copies a memory to users `prefix1` to `prefixN`, row by row, in the database. */
export async function copyUser(url: string, user: string, prefix: string, count: number): Promise<void> {
  await withClient(url, async (client) => {
    const tables = await tablesOf(client);
    for (let from = 1; from <= count; from += usersAtOnce) {
      for (const { name, columns } of tables) {
        const values = columns.map((column) => (column === 'user_id' ? `$2::text || g.n` : `t.${column}`));
        await client.query(
          `insert into ${name} (${columns.join(', ')}) select ${values.join(', ')} from ${name} t, generate_series($3::integer, $4::integer) g (n) where t.user_id = $1`,
          [user, prefix, from, Math.min(count, from + usersAtOnce - 1)],
        );
      }
    }
  });
}

async function tablesOf(client: pg.Client) {
  const { rows } = await client.query<{ name: string; columns: string[] }>(
    `select c.table_name as name, array_agg(c.column_name::text order by c.ordinal_position) as columns
     from information_schema.columns c where c.table_schema = 'memoryos' group by 1 having bool_or(c.column_name = 'user_id')`,
  );
  return rows;
}

/** Runs as the owner of the database. Copied rows need no check, because their originals were checked. */
async function withClient(url: string, job: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query('set search_path to memoryos, public; set session_replication_role to replica');
  await job(client);
  await client.end();
}

/** Does now what autovacuum would do: the tables' statistics, and the visibility map for index-only scans. */
export async function settle(url: string): Promise<void> {
  await withClient(url, async (client) => {
    await client.query('vacuum (analyze)');
    await client.query('checkpoint');
  });
}
