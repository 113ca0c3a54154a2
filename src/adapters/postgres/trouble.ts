import { MemoryError, messageOf } from '../../model/errors.js';

/** What the database says, in the words of the port. What `decide` or an edit throws stays as it is. */
export function failed(error: unknown, url: string): unknown {
  if (error instanceof MemoryError) return error;
  const code = sqlCodeOf(error);
  if (code === undefined && !isDriverTrouble(error)) return error;
  const cause = { cause: error };
  switch (code) {
    case 'MO001':
      return new MemoryError(
        'STORE_CORRUPT',
        `A change does not fit the memory: ${messageOf(error)}. Nothing was changed.`,
        cause,
      );
    case '55P03':
    case '57014':
      return new MemoryError(
        'STORE_BUSY',
        'Another process has held this memory for too long. Nothing was changed; try again.',
        cause,
      );
    case '53100':
      return new MemoryError('STORE_IO', 'The disk of the database is full. Nothing was changed.', cause);
  }
  const advice = adviceOn(code, url);
  if (advice !== undefined) return new MemoryError('STORE_IO', advice, cause);
  return new MemoryError(
    'STORE_IO',
    `The database could not be asked: ${messageOf(error)} (${code ?? 'no code'}). What was not answered may not be stored; try again once the database can be reached.`,
    cause,
  );
}

/** A serialization failure or a deadlock: nothing of it took place, and it may be tried again. */
export function isTakenBack(error: unknown): boolean {
  return ['40001', '40P01'].includes(sqlCodeOf(error) ?? '');
}

/**
 * The connection broke, or none could be had: the database restarts, a standby takes over, or too many are connected.
 * A transaction whose commit was not sent did not take place.
 */
export function isCutOff(error: unknown): boolean {
  const code = sqlCodeOf(error);
  if (code === undefined) return /connection terminated|not queryable/i.test(messageOf(causeOf(error)));
  return code.startsWith('08') || cutOffCodes.has(code);
}

/** Shutdown, crash, start, too many connections, and what the network says. 25006: the former primary. */
const cutOffCodes = new Set(
  '57P01 57P02 57P03 53300 25006 ECONNREFUSED ECONNRESET EPIPE ETIMEDOUT ENOENT'.split(' '),
);

function isDriverTrouble(error: unknown): boolean {
  return error instanceof Error && /connect|timeout|terminat|not queryable|SSL/i.test(error.message);
}

function sqlCodeOf(error: unknown): string | undefined {
  const cause = causeOf(error);
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

function causeOf(error: unknown): unknown {
  return error instanceof MemoryError ? error.cause : error;
}

/** What to do where the database cannot be used at all. */
function adviceOn(code: string | undefined, url: string): string | undefined {
  const { host, user, name } = placeOf(url);
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `There is no host ${host}. Mend the host in database_url.`;
    case 'ECONNREFUSED':
      return `No PostgreSQL answers at ${host}. Start it, or mend host and port in database_url.`;
    case '28P01':
    case '28000':
      return `PostgreSQL at ${host} does not let the role "${user}" in. Mend the name and the password in database_url, or allow the role in pg_hba.conf.`;
    case '3D000':
      return `There is no database "${name}" at ${host}. Create it (createdb ${name}), or mend the name in database_url.`;
    case '53300':
      return `PostgreSQL at ${host} has no connection left. Raise max_connections, or put PgBouncer in front of it.`;
    case '42501':
      return `The role "${user}" lacks a right in the database "${name}". Grant it what docs/postgres.md names, or connect as the owner.`;
    default:
      return undefined;
  }
}

/** Never the password. */
export function placeOf(url: string): {
  readonly host: string;
  readonly user: string;
  readonly name: string;
} {
  if (!URL.canParse(url)) return { host: 'the host', user: '', name: '' };
  const { host, username, pathname } = new URL(url);
  const user = decodeURIComponent(username);
  return { host: host || 'localhost', user, name: decodeURIComponent(pathname.slice(1)) || user };
}
