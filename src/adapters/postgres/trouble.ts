import { MemoryError, messageOf } from '../../model/errors.js';

/**
 * Converts an error of the database to the errors of the port. Errors of `decide` and of an edit stay
 * unchanged.
 */
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
    `The database is not available: ${messageOf(error)} (${code ?? 'no code'}). Unanswered changes may not be stored; try again when the database is available.`,
    cause,
  );
}

/** A serialization failure or a deadlock: nothing took place, and a retry may succeed. */
export function isTakenBack(error: unknown): boolean {
  return ['40001', '40P01'].includes(sqlCodeOf(error) ?? '');
}

/**
 * The connection broke or was not available: the database restarts, a standby takes over, or there are too
 * many connections. A transaction whose commit was not sent did not take place.
 */
export function isCutOff(error: unknown): boolean {
  const code = sqlCodeOf(error);
  if (code === undefined) return /connection terminated|not queryable/i.test(messageOf(causeOf(error)));
  return code.startsWith('08') || cutOffCodes.has(code);
}

/** Shutdown, crash, start, too many connections, and network errors. 25006: the former primary. */
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

/** What to do when the database is unusable. */
function adviceOn(code: string | undefined, url: string): string | undefined {
  const { host, user, name } = placeOf(url);
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `There is no host ${host}. Correct the host in database_url.`;
    case 'ECONNREFUSED':
      return `No PostgreSQL answers at ${host}. Start it, or correct host and port in database_url.`;
    case '28P01':
    case '28000':
      return `PostgreSQL at ${host} does not accept the role "${user}". Correct the name and the password in database_url, or allow the role in pg_hba.conf.`;
    case '3D000':
      return `There is no database "${name}" at ${host}. Create it (createdb ${name}), or correct the name in database_url.`;
    case '53300':
      return `PostgreSQL at ${host} has no connection left. Raise max_connections, or put PgBouncer in front of it.`;
    case '42501':
      return `The role "${user}" lacks a right in the database "${name}". Grant it the rights listed in docs/postgres.md, or connect as the owner.`;
    default:
      return undefined;
  }
}

/** Never contains the password. */
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
