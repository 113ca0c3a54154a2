import { execFile, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemory } from '../../src/index.js';
import { cliPath, type Ended, hasModes, plainEnv, RawServer, runCli } from '../support/cli-process.js';
import { sharedCommands } from '../support/command-runner.js';

let folder: string;
let data: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'memoryos-transfer-'));
  data = path.join(folder, 'data');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const shared = sharedCommands();
const words = (args: readonly string[]) => ['--data', data, '--log-level', 'error', ...args];
/** In a process that the commands of this file share. */
const cli = (args: readonly string[]): Promise<Ended> => shared(words(args), { cwd: folder });
const alone = (args: readonly string[], input = ''): Promise<Ended> =>
  runCli(words(args), { cwd: folder, input });

async function ok(args: readonly string[], running = cli(args)): Promise<string> {
  const { code, stdout, stderr } = await running;
  expect({ code, stderr }, args.join(' ')).toEqual({ code: 0, stderr: '' });
  return stdout;
}

const okAlone = (args: readonly string[], input?: string) => ok(args, alone(args, input));

async function fails(code: number, message: RegExp, args: readonly string[]): Promise<void> {
  const ended = await cli(args);
  expect(ended.stderr, args.join(' ')).toMatch(message);
  expect(ended.code, args.join(' ')).toBe(code);
  expect(ended.stdout, args.join(' ')).toBe('');
}

/** Starts a server as a client does, and adds one exchange. */
async function server(
  user: string,
): Promise<RawServer & { call: (name: string, args: object) => Promise<string> }> {
  const raw = new RawServer(['--data', data, '--user', user, '--log-level', 'error'], { cwd: folder });
  await raw.initialize();
  let id = 10;
  const call = async (name: string, args: object) => {
    id += 1;
    raw.send({ id, method: 'tools/call', params: { name, arguments: args } });
    return JSON.stringify(await raw.answerTo(id));
  };
  return Object.assign(raw, { call });
}

async function stop(running: RawServer): Promise<void> {
  running.child.stdin.end();
  await running.ended;
}

const linesOf = (text: string, kind: string): string[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith(`{"kind":"${kind}"`))
    .sort();
const pages = (text: string): string[] => linesOf(text, 'page');
const facts = (text: string): string[] => linesOf(text, 'fact');

describe('transferring a memory', () => {
  it('export and import transfer it to another user, by file or pipe, while a server runs', async () => {
    const running = await server('alice');
    for (const text of ['I planted tomatoes.', 'They grow.', 'My cat is called Miso.']) {
      await running.call('add_memory', { user_input: text, agent_response: 'I see.' });
    }
    const exported = await okAlone(['--user', 'alice', 'export']);
    expect(pages(exported)).toHaveLength(3);
    await cli(['--user', 'alice', 'export', 'alice.jsonl.gz']).then(({ code, stderr, stdout }) => {
      expect([code, stderr, stdout]).toEqual([0, 'Exported 3 pages to alice.jsonl.gz.\n', '']);
    });
    expect(readFileSync(path.join(folder, 'alice.jsonl.gz')).subarray(0, 2)).toEqual(
      Buffer.from([0x1f, 0x8b]),
    );
    await fails(65, /exists already.*--force/, ['--user', 'alice', 'export', 'alice.jsonl.gz']);
    const dry = JSON.parse(await ok(['--user', 'bob', 'import', '--dry-run', 'alice.jsonl.gz']));
    expect(dry).toMatchObject({ dry_run: true, user_id: 'bob', imported: { pages: 3 } });
    const piped = JSON.parse(await okAlone(['--user', 'bob', 'import', '-'], exported));
    expect(piped).toMatchObject({ dry_run: false, imported: { pages: 3, known: 0 } });
    const again = JSON.parse(await okAlone(['--user', 'bob', 'import', 'alice.jsonl.gz']));
    // Only facts that were read from the exchanges between the two exports are new.
    const inFile = gunzipSync(readFileSync(path.join(folder, 'alice.jsonl.gz'))).toString();
    expect(again.imported.pages).toBe(0);
    expect(again.imported.known + again.imported.facts).toBe(pages(inFile).length + facts(inFile).length);
    expect(pages(await ok(['--user', 'bob', 'export']))).toEqual(pages(exported));
    await stop(running);
  });

  it('a running server finds what is imported meanwhile', async () => {
    const running = await server('alice');
    await running.call('add_memory', { user_input: 'Hello.', agent_response: 'Hello.' });
    await ok(['--user', 'alice', 'import', path.resolve('tests/support/python-memoryos')]);
    expect(await running.call('retrieve_memory', { query: 'planetarium', relevance_min: 0 })).toContain(
      'job interview',
    );
    await stop(running);
  });

  it('reports problems with the line, and imports the readable part on request', async () => {
    await fails(66, /no memory of carol/, ['--user', 'carol', 'export']);
    expect(readdirSync(folder)).toEqual([]);
    const header = {
      kind: 'memoryos-export',
      version: 1,
      user_id: 'x',
      exported_at: '2026-01-01T00:00:00.000Z',
    };
    const first = JSON.stringify({ ...header, last_migrated: null });
    writeFileSync(path.join(folder, 'bad.jsonl'), `${first}\n{"kind":"page"}\n`);
    await fails(65, /bad\.jsonl, line 2: /, ['import', 'bad.jsonl']);
    const partial = JSON.parse(await ok(['import', '--partial', 'bad.jsonl']));
    expect(partial.notes).toHaveLength(2);
    writeFileSync(path.join(folder, 'new.jsonl'), JSON.stringify({ ...header, version: 9 }));
    await fails(74, /version 9.*Update/, ['import', 'new.jsonl']);
    await fails(66, /no memory of the Python MemoryOS/, ['import', folder]);
  });

  it('a server started on the data folder of the Python server has its memory', async () => {
    cpSync('tests/support/python-memoryos', data, { recursive: true });
    const running = await server('jana_fan');
    expect(await running.call('retrieve_memory', { query: 'slugs' })).toContain('copper tape');
    await stop(running);
  });
});

describe('backups', () => {
  it('are made while a server runs, listed, rotated, and restored', async () => {
    const running = await server('alice');
    await running.call('add_memory', { user_input: 'First.', agent_response: '' });
    const first = (await okAlone(['--user', 'alice', 'backup'])).trim();
    expect(path.dirname(first)).toBe(path.join(data, 'backups'));
    await running.call('add_memory', { user_input: 'Second.', agent_response: '' });
    await fails(65, /not empty.*--replace/, ['restore', first]);
    const restored = await alone(['--log-level', 'info', 'restore', '--replace', first]);
    expect(restored.stdout).toMatch(/^Restored the memory of alice as of .*: 1 page, 0 facts\.\n$/);
    expect(restored.stderr).toMatch(/before-restore/);
    const answer = await ok(['--user', 'alice', 'list', '--json']);
    expect(answer).toContain('First.');
    expect(answer).not.toContain('Second.');
    await running.call('add_memory', { user_input: 'Third.', agent_response: '' });
    expect(pages(await ok(['--user', 'alice', 'export']))).toHaveLength(2);
    await ok(['--user', 'alice', 'backup']);
    await ok(['--user', 'alice', 'backup', '--keep', '2']);
    const list = await ok(['--user', 'alice', 'backup', '--list']);
    expect(list.trim().split('\n')).toHaveLength(4);
    expect(list).toMatch(/before-restore/);
    await stop(running);
  });

  it('are made for every user, in any folder', async () => {
    for (const user of ['alice', 'Böb']) {
      const running = await server(user);
      await running.call('add_memory', { user_input: `I am ${user}.`, agent_response: '' });
      await stop(running);
    }
    const out = path.join(folder, 'elsewhere');
    const made = (await ok(['backup', '--all', '--out', out])).trim().split('\n');
    expect(made).toHaveLength(2);
    expect(readdirSync(out)).toHaveLength(2);
    rmSync(data, { recursive: true });
    for (const file of made) await ok(['restore', file]);
    expect(await ok(['--user', 'Böb', 'export'])).toContain('I am Böb.');
  });
});

describe('forgetting', () => {
  it('lists what would be deleted, and deletes it when confirmed', async () => {
    const running = await server('alice');
    const added = await running.call('add_memory', { user_input: 'A secret.', agent_response: '' });
    await running.call('add_memory', { user_input: 'No secret at all.', agent_response: '' });
    const id = /pg_[0-9a-z]+/.exec(added)?.[0] ?? '';
    const alice = ['--user', 'alice', 'forget'];
    const preview = JSON.parse(await ok([...alice, id]));
    expect(preview).toMatchObject({ confirmed: false, pages: [{ page_id: id, excerpt: 'A secret.' }] });
    expect(pages(await ok(['--user', 'alice', 'export']))).toHaveLength(2);
    const done = JSON.parse(await okAlone([...alice, id, '--confirm']));
    expect(done).toMatchObject({ confirmed: true, remaining: [] });
    const answer = await ok(['--user', 'alice', 'list', '--json']);
    expect(answer).toContain('No secret at all.');
    expect(answer).not.toContain('A secret.');
    await fails(66, /No page or fact has this id/, [...alice, id, '--confirm']);
    await fails(65, /neither the id of a page nor of a fact/, [...alice, 'pg_nonsense']);
    await fails(65, /in one way/, [...alice, id, '--before', '2026-01-01']);
    expect(JSON.parse(await ok([...alice, '--before', '2999-01-01', '--confirm'])).pages).toHaveLength(1);
    await stop(running);
  });
});

describe('the target of an export and a backup', () => {
  beforeEach(async () => {
    const memory = await createMemory({ data_storage_path: data, user_id: 'alice' });
    await memory.add({ userInput: 'I planted tomatoes.', agentResponse: 'I see.' });
    await memory.close();
  });
  const at = (name: string) => path.join(folder, name);

  it.runIf(hasModes)('is readable by its owner only', async () => {
    await ok(['--user', 'alice', 'backup', '--out', at('backups')]);
    const [backup = ''] = readdirSync(at('backups'));
    writeFileSync(at('open.jsonl'), '', { mode: 0o644 });
    await cli(['--user', 'alice', 'export', '--force', at('open.jsonl')]);
    await cli(['--user', 'alice', 'export', at('alice.jsonl')]);
    for (const name of [`backups/${backup}`, 'open.jsonl', 'alice.jsonl']) {
      expect([name, statSync(at(name)).mode & 0o777]).toEqual([name, 0o600]);
    }
    expect(statSync(at('backups')).mode & 0o777).toBe(0o700);
  });

  it('stays a link: its target is replaced, or created', async () => {
    writeFileSync(at('real.jsonl'), 'old');
    symlinkSync('real.jsonl', at('first.jsonl'));
    symlinkSync('first.jsonl', at('second.jsonl'));
    symlinkSync('elsewhere.jsonl', at('dangling.jsonl'));
    await fails(65, /exists already.*--force/, ['--user', 'alice', 'export', at('second.jsonl')]);
    expect((await cli(['--user', 'alice', 'export', '--force', at('second.jsonl')])).code).toBe(0);
    expect((await cli(['--user', 'alice', 'export', at('dangling.jsonl')])).code).toBe(0);
    expect(pages(readFileSync(at('real.jsonl'), 'utf8'))).toHaveLength(1);
    expect(pages(readFileSync(at('elsewhere.jsonl'), 'utf8'))).toHaveLength(1);
    for (const name of ['first.jsonl', 'second.jsonl', 'dangling.jsonl']) {
      expect(lstatSync(at(name)).isSymbolicLink()).toBe(true);
    }
    symlinkSync('loop.jsonl', at('loop.jsonl'));
    await fails(74, /loop\.jsonl cannot be written/, ['--user', 'alice', 'export', at('loop.jsonl')]);
    await fails(65, /is a folder/, ['--user', 'alice', 'export', '--force', folder]);
  });

  it.runIf(existsSync('/dev/null'))('stays a device or a pipe, which receives the text', async () => {
    const before = lstatSync('/dev/null');
    for (const force of [[], ['--force']]) {
      expect((await cli(['--user', 'alice', 'export', ...force, '/dev/null'])).code).toBe(0);
    }
    const after = lstatSync('/dev/null');
    expect([after.isCharacterDevice(), after.mode, after.ino]).toEqual([true, before.mode, before.ino]);

    expect(spawnSync('mkfifo', [at('pipe')]).status).toBe(0);
    const reading = promisify(execFile)('cat', [at('pipe')]);
    expect((await cli(['--user', 'alice', 'export', at('pipe')])).code).toBe(0);
    expect(pages((await reading).stdout)).toHaveLength(1);
    expect(lstatSync(at('pipe')).isFIFO()).toBe(true);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('is compressed on standard output, too, on request', async () => {
    const command = `"${process.execPath}" "${cliPath}" --data "${data}" --user alice --log-level error export --gzip | gzip -d`;
    const { stdout } = await promisify(execFile)('sh', ['-c', command], { env: plainEnv() });
    expect(pages(stdout)).toHaveLength(1);
  });
});
