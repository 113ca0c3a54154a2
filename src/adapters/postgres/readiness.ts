import { escapeLiteral } from 'pg';
import { MemoryError } from '../../model/errors.js';
import { placeOf } from './trouble.js';

const versionMin = 16;

/** The result of {@link readinessSql}. */
type State = Readonly<Record<string, string | null>>;

/** A statement that reads the state of a database before anything is changed; it returns one row. */
export function readinessSql(schema: string): string {
  const name = escapeLiteral(schema);
  // The schema of the extension; null when it is not installed.
  const place = `(select n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'vector')`;
  return `select current_setting('server_version') as server, (current_setting('server_version_num')::integer / 10000)::text as major,
    pg_encoding_to_char(d.encoding) as encoding, ${place} as vector_in,
    exists (select from pg_available_extensions where name = 'vector')::text as has_vector,
    (select rolsuper or rolbypassrls from pg_roles where rolname = current_user)::text as bypasses,
    (n.oid is not null)::text as has_schema,
    exists (select from pg_class c where c.relnamespace = n.oid and c.relname = 'schema_version')::text as has_version,
    case when n.oid is null then has_database_privilege(d.oid, 'create') else has_schema_privilege(n.oid, 'create') end::text as may_create,
    coalesce(has_schema_privilege(n.oid, 'usage'), false)::text as may_use,
    (select string_agg(c.relname, ', ' order by c.relname) from pg_class c
      where c.relnamespace = n.oid and c.relkind = 'r' and c.relname <> 'schema_version'
      and not (has_table_privilege(c.oid, 'select') and has_table_privilege(c.oid, 'insert')
        and has_table_privilege(c.oid, 'update') and has_table_privilege(c.oid, 'delete'))) as barred
    from pg_database d left join pg_namespace n on n.nspname = ${name} where d.datname = current_database()`;
}

/** Throws STORE_IO, with advice, when the database cannot hold memories. */
export function checkServer({ server, major, encoding, vector_in, has_vector }: State, url: string): void {
  const { host, name } = placeOf(url);
  if (Number(major) < versionMin) {
    throw refused(`PostgreSQL at ${host} is version ${server}; it must be ${versionMin} or newer.`);
  }
  if (encoding !== 'UTF8') {
    throw refused(
      `The database "${name}" has the encoding ${encoding}; it must be UTF8. Create another database: createdb -E UTF8 -T template0 ${name}_utf8.`,
    );
  }
  if (vector_in == null && has_vector !== 'true') {
    throw refused(
      `PostgreSQL at ${host} has no pgvector. Install the extension (https://github.com/pgvector/pgvector), then start again.`,
    );
  }
  if (vector_in != null && vector_in !== 'public') {
    throw refused(
      `The extension vector of the database "${name}" is in the schema "${vector_in}"; it must be in public: alter extension vector set schema public.`,
    );
  }
}

/** Throws STORE_IO when the role cannot update the schema. */
export function checkMayMigrate({ may_create, has_schema }: State, url: string, schema: string): void {
  if (may_create === 'true') return;
  const { user, name } = placeOf(url);
  throw refused(
    has_schema === 'true'
      ? `The schema ${schema} must be updated, but the role "${user}" does not own it. Run memoryos-mcp migrate as its owner.`
      : `The role "${user}" may create no schema in the database "${name}". Run memoryos-mcp migrate as the owner of the database, then grant the rights listed in docs/postgres.md.`,
  );
}

/** Throws STORE_IO when the role cannot use an up-to-date schema. */
export function checkMayWork({ may_use, barred }: State, url: string, schema: string): void {
  if (may_use === 'true' && barred == null) return;
  const { user } = placeOf(url);
  const where = may_use === 'true' ? `the tables ${barred}` : `the schema ${schema}`;
  throw refused(
    `The role "${user}" may not read and write ${where}. As the owner: grant usage on schema ${schema} to "${user}"; grant select, insert, update, delete on all tables in schema ${schema} to "${user}".`,
  );
}

/** A warning when the database does not separate users; null when it does. */
export function dangerOf({ bypasses }: State, url: string): string | null {
  if (bypasses !== 'true') return null;
  const { user } = placeOf(url);
  return `The role "${user}" is a superuser or has BYPASSRLS: PostgreSQL asks it no policy, so that only this program keeps users apart. Run servers as another role; docs/postgres.md says which rights it needs.`;
}

function refused(message: string): MemoryError {
  return new MemoryError('STORE_IO', `${message} Nothing was changed.`);
}
