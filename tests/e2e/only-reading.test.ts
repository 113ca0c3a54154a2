import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemory } from '../../src/index.js';
import { cliPath, plainEnv, RawServer, runCli } from '../support/cli-process.js';
import { sharedCommands } from '../support/command-runner.js';
import { giveTree, treeOf } from '../support/tree.js';

let folder: string;
let data: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'memoryos-reading-'));
  data = path.join(folder, 'data');
});
afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

const isRoot = process.getuid?.() === 0;
const service = 65_534;

/** All commands that only read. The backup is written to another folder here. */
const reading = (): string[][] => [
  ['doctor', '--offline'],
  ['stats'],
  ['inspect'],
  ['export', path.join(folder, `out-${Math.random()}.jsonl`)],
  ['backup', '--out', path.join(folder, 'backups')],
  ['backup', '--list'],
  ['token', 'list'],
  ['import', '--dry-run', path.resolve('tests/support/python-memoryos')],
];

const words = (args: readonly string[], user: string) => ['--data', data, '--user', user, ...args];
const shared = sharedCommands();
/** In a process that the commands of this file share. */
const run = (args: readonly string[], user = 'alice') => shared(words(args, user), { cwd: folder });
const alone = (args: readonly string[], user = 'alice') => runCli(words(args, user), { cwd: folder });

async function remember(): Promise<void> {
  const settings = { data_storage_path: data, user_id: 'alice', mid_term_heat_threshold: 1 };
  const memory = await createMemory(settings);
  await memory.addAll(
    ['I live in Kiel.', 'I have a dog called Bruno.', 'Bruno likes the beach.'].map((userInput) => ({
      userInput,
      agentResponse: 'Noted.',
    })),
  );
  await memory.flush({ shortTerm: true });
  await memory.add({ userInput: 'See you.', agentResponse: 'Bye.' });
  await memory.close();
}

describe('read-only commands', () => {
  it('change nothing in the data folder', async () => {
    await remember();
    const before = treeOf(data);
    for (const args of reading()) {
      const { code, stderr } = await alone(args);
      expect([args[0], code, stderr.includes('ERROR')], stderr).toEqual([args[0], 0, false]);
      expect(treeOf(data), args.join(' ')).toEqual(before);
    }
  }, 60_000);

  it('change nothing in a folder with an incomplete log of a killed server', async () => {
    const server = new RawServer(['--data', data, '--user', 'alice'], { cwd: folder });
    await server.initialize();
    for (let id = 1; id <= 12; id += 1) {
      const given = { user_input: `Number ${id}`, agent_response: 'Yes.' };
      server.send({ id, method: 'tools/call', params: { name: 'add_memory', arguments: given } });
      await server.answerTo(id);
    }
    server.child.kill('SIGKILL');
    await server.ended;
    const before = treeOf(data);
    for (const args of reading()) {
      const { code } = await run(args);
      expect([args[0], code]).toEqual([args[0], 0]);
      expect(treeOf(data), args.join(' ')).toEqual(before);
    }
    expect(JSON.parse((await run(['stats'])).stdout)).toMatchObject({ short_term: { pages: 12 } });
  }, 60_000);

  it('create no user and no folder', async () => {
    for (const command of ['stats', 'inspect', 'export', 'backup']) {
      const { code, stderr } = await run([command], 'ghost');
      expect([command, code], stderr).toEqual([command, 66]);
      expect(stderr).toContain('no memory of ghost');
    }
    expect((await run(['doctor', '--offline'], 'ghost')).code).toBe(0);
    expect((await run(['forget', '--before', '2020-01-01'], 'ghost')).code).toBe(66);
    const python = path.resolve('tests/support/python-memoryos');
    expect((await run(['import', '--dry-run', python], 'ghost')).code).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
    await remember();
    const before = treeOf(data);
    expect((await run(['stats'], 'ghost')).stderr).toContain('Users with a memory: alice');
    expect((await run(['forget', '--before', '2020-01-01'], 'ghost')).code).toBe(66);
    expect(treeOf(data)).toEqual(before);
  }, 60_000);

  it('leave a folder of the Python server unchanged, and report what it is', async () => {
    mkdirSync(data);
    cpSync('tests/support/python-memoryos', data, { recursive: true });
    const before = treeOf(data);
    for (const args of [
      ['stats'],
      ['export'],
      ['backup'],
      ['search', 'slugs'],
      ['forget', '--before', '2030-01-01'],
    ]) {
      const { code, stderr } = await run(args, 'jana_fan');
      expect([args[0], code]).toEqual([args[0], 66]);
      expect(stderr).toContain('memory of the Python MemoryOS');
    }
    expect(treeOf(data)).toEqual(before);
  }, 60_000);
});

/** Runs a command as the user of the service. */
function runAsService(args: readonly string[]) {
  return spawnSync(process.execPath, [cliPath, '--data', data, '--user', 'alice', ...args], {
    cwd: folder,
    env: plainEnv({ HOME: folder }),
    uid: service,
    gid: service,
    encoding: 'utf8',
    input: '',
  });
}

describe.runIf(isRoot)('on the data folder of a service', () => {
  beforeEach(async () => {
    await remember();
    chmodSync(folder, 0o777);
    giveTree(data, service);
  });

  it('reading commands change nothing, as root and as the service', async () => {
    const before = treeOf(data);
    for (const args of reading()) {
      expect((await run(args)).code, args[0]).toBe(0);
      expect(treeOf(data), args.join(' ')).toEqual(before);
    }
    rmSync(path.join(folder, 'backups'), { recursive: true });
    for (const args of reading()) {
      const { status, stderr } = runAsService(args);
      expect([args[0], status], stderr).toEqual([args[0], 0]);
      expect(treeOf(data), args.join(' ')).toEqual(before);
    }
  }, 120_000);

  it('what root writes belongs to the service', async () => {
    const writing = [
      ['backup'],
      ['token', 'create', '--name', 'laptop'],
      ['forget', '--before', '2020-01-01', '--confirm'],
      ['doctor', '--offline', '--repair'],
      ['import', path.resolve('tests/support/python-memoryos')],
    ];
    for (const args of writing) expect((await alone(args)).code, args.join(' ')).toBe(0);
    const server = new RawServer(['--data', data, '--user', 'bob'], { cwd: folder });
    await server.initialize();
    const given = { user_input: 'Hello.', agent_response: 'Hello.' };
    server.send({ id: 1, method: 'tools/call', params: { name: 'add_memory', arguments: given } });
    await server.answerTo(1);
    server.child.stdin.end();
    await server.ended;
    const foreign = readdirSync(data, { recursive: true, encoding: 'utf8' }).filter(
      (name) => statSync(path.join(data, name)).uid !== service,
    );
    expect(foreign).toEqual([]);
    expect(runAsService(['stats']).status).toBe(0);
    expect(runAsService(['backup']).status).toBe(0);
  }, 60_000);
});
