import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';

const release = 'pgserver==0.1.4';
/** PostgreSQL does not run as root, so it runs as the user with the fewest rights. */
const nobody = 65_534;
const startMsMax = 30_000;

/** The `needs` of a command that uses a database. */
export const needsDatabase =
  'PostgreSQL with pgvector. TEST_DATABASE_URL names a database in which databases may be created; without it, PostgreSQL 16 is installed with pip (package pgserver) into a temporary folder and runs as long as the command.';

/** `bin`: the folder of the programs of PostgreSQL; null: they are on PATH. */
type Use<T> = (url: string, bin: string | null) => Promise<T>;

/** Calls `use` with the database of TEST_DATABASE_URL, or else with a new, empty one that runs until it returns. */
export function withDatabase<T>(use: Use<T>): Promise<T> {
  const named = process.env.TEST_DATABASE_URL;
  return named ? use(named, null) : withOwn(use);
}

async function withOwn<T>(use: Use<T>): Promise<T> {
  const bin = await binaries();
  const data = await mkdtemp(path.join(tmpdir(), 'memoryos-postgres-'));
  const asNobody = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
  if ('uid' in asNobody) await chown(data, nobody, nobody);
  await chmod(data, 0o700);
  const made = spawnSync(
    path.join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8'],
    { encoding: 'utf8', cwd: data, ...asNobody },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr || made.error}`);
  const port = await freePort();
  const server = spawn(
    path.join(bin, 'postgres'),
    ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', '', '-c', 'logging_collector=off'],
    { stdio: ['ignore', 'ignore', 'pipe'], cwd: data, ...asNobody },
  );
  let said = '';
  server.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4000);
  });
  const ended = once(server, 'exit');
  try {
    const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
    await answers(url, () => said);
    return await use(url, bin);
  } finally {
    // The command may have restarted the server, so its process may be another one now.
    spawnSync(path.join(bin, 'pg_ctl'), ['stop', '-m', 'fast', '-D', data], { cwd: data, ...asNobody });
    server.kill('SIGINT');
    await ended;
    await rm(data, { recursive: true, force: true });
  }
}

/** Where initdb and postgres are. */
async function binaries(): Promise<string> {
  const folder = path.join(tmpdir(), `memoryos-${release.replace('==', '-')}`);
  const bin = path.join(folder, 'pgserver', 'pginstall', 'bin');
  const isThere = () =>
    stat(path.join(bin, 'postgres')).then(
      () => true,
      () => false,
    );
  if (await isThere()) return bin;
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o755);
  const pip = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--no-deps',
    '--only-binary',
    ':all:',
    '--target',
    folder,
    release,
  ];
  const installed = spawnSync('python3', pip, { encoding: 'utf8' });
  if (installed.status === 0 && (await isThere())) return bin;
  const found = (await readdir(folder)).join(', ') || 'nothing';
  throw new Error(
    `PostgreSQL could not be installed with python3 ${pip.join(' ')} (there is ${found}): ${installed.stderr || installed.error}\nSet TEST_DATABASE_URL to a database with pgvector instead.`,
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function answers(url: string, said: () => string): Promise<void> {
  const untilMs = performance.now() + startMsMax;
  for (;;) {
    const client = new pg.Client(url);
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (performance.now() > untilMs)
        throw new Error(`PostgreSQL did not start: ${said()}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
