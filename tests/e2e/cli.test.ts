import { execFile } from 'node:child_process';
import { once } from 'node:events';
import {
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
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { CommanderError } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.js';
import { createMemory } from '../../src/index.js';
import { cliPath, hasModes, plainEnv, runCli } from '../support/cli-process.js';
import { sharedCommands } from '../support/command-runner.js';

let folder: string;
let data: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'memoryos-cli-'));
  data = path.join(folder, 'data');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const shared = sharedCommands();
/** In a process of the program that the commands of this file share. */
const run = (args: readonly string[], env: Record<string, string> = {}) => shared(args, { cwd: folder, env });
/** In a process of its own. */
const start = (args: readonly string[]) => runCli(args, { cwd: folder });

async function remember(texts: readonly string[]): Promise<void> {
  const memory = await createMemory({ data_storage_path: data, user_id: 'alice' });
  await memory.addAll(texts.map((userInput) => ({ userInput, agentResponse: 'Noted.' })));
  await memory.flush({ shortTerm: true });
  await memory.close();
}

/** The output of `--help` for a command, made in this process. */
async function helpOf(command: string): Promise<{ code: number; stdout: string }> {
  const program = await createProgram([command, '--help']);
  let stdout = '';
  for (const one of [program, ...program.commands]) {
    one.configureOutput({
      writeOut: (text) => {
        stdout += text;
      },
    });
  }
  const ended: unknown = await program
    .parseAsync([command, '--help'], { from: 'user' })
    .catch((error: unknown) => error);
  return { code: ended instanceof CommanderError ? ended.exitCode : -1, stdout };
}

describe('help', () => {
  it('lists the commands, each with an example', async () => {
    const { stdout, code } = await start(['--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('Example:');
    const listed = stdout.slice(stdout.indexOf('Commands:')).matchAll(/^ {2}([a-z]+)/gm);
    const commands = [...listed].flatMap((match) =>
      match[1] === undefined || match[1] === 'help' ? [] : [match[1]],
    );
    expect(commands).toEqual(expect.arrayContaining(['serve', 'init', 'stats', 'inspect', 'doctor']));
    for (const command of commands) {
      const help = await helpOf(command);
      expect(help.code, command).toBe(0);
      expect(help.stdout, command).toContain('Example:');
      expect(help.stdout, command).toContain('--config <file>');
      if (command === 'stats') expect(await start([command, '--help'])).toEqual({ ...help, stderr: '' });
    }
  }, 60_000);

  it('shows the version of the package', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect((await start(['--version'])).stdout.trim()).toBe(version);
  });
});

describe('a reader that stops early', () => {
  it('ends the command silently', async () => {
    const command = `"${process.execPath}" "${cliPath}" --help | true; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', command], { env: plainEnv() });
    expect(stderr).toBe('');
    expect(stdout.trim()).toBe('0');
  });
});

describe('wrong usage', () => {
  it.each([
    [['inspekt'], /unknown command "inspekt". Did you mean inspect\?/],
    [['frobnicate'], /unknown command "frobnicate". "memoryos-mcp --help" lists/],
    [['--nonsense'], /unknown option '--nonsense'/],
    [['inspect', '--limit', '0'], /whole number/],
  ])('%j ends with 64', async (args, message) => {
    const { code, stdout, stderr } = await start(args);
    expect(code).toBe(64);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
  });

  it('names every problem of the configuration and ends with 78, saying nothing on stdout', async () => {
    writeFileSync(path.join(folder, 'config.json'), '{"usr_id": "a", "short_term_capacity": "ten"}');
    const { code, stdout, stderr } = await run(['--config', 'config.json']);
    expect(code).toBe(78);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/CONFIG_INVALID[\s\S]*usr_id[\s\S]*user_id[\s\S]*short_term_capacity/);
    expect(stderr).not.toContain('    at ');
  });

  it('refuses a user id that is a path with 78', async () => {
    const { code, stderr } = await run(['stats', '--data', data, '--user', '../../etc/passwd']);
    expect(code).toBe(78);
    expect(stderr).toContain('path separator');
    expect(existsSync(data)).toBe(false);
  });
});

describe('init', () => {
  it('writes a file that only its owner can read and that the server uses', async () => {
    const { code, stdout } = await run([
      ...['init', '--yes', '--config', 'config.json', '--user', 'alice', '--data', './memory'],
      ...['--api-key', 'sk-secret', '--model', 'm', '--assistant', 'butler'],
    ]);
    expect(code).toBe(0);
    expect(stdout).not.toContain('sk-secret');
    const file = path.join(folder, 'config.json');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      user_id: 'alice',
      assistant_id: 'butler',
      data_storage_path: './memory',
      openai_api_key: 'sk-secret',
      llm_model: 'm',
    });
    if (hasModes) expect(statSync(file).mode & 0o777).toBe(0o600);
    const block = JSON.parse(stdout.slice(stdout.indexOf('{'), stdout.lastIndexOf('}') + 1));
    expect(block.mcpServers.memoryos.args).toContain(file);
  });

  it('does not replace a file without --force', async () => {
    const file = path.join(folder, 'config.json');
    writeFileSync(file, '{}', { mode: 0o644 });
    const init = ['init', '--yes', '--config', file, '--user', 'bob'];
    expect((await run(init)).code).toBe(75);
    expect(readFileSync(file, 'utf8')).toBe('{}');
    expect((await run([...init, '--force'])).code).toBe(0);
    if (hasModes) expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('follows a link', async () => {
    const real = path.join(folder, 'dotfiles.json');
    const link = path.join(folder, 'linked.json');
    symlinkSync(real, link);
    expect((await run(['init', '--yes', '--config', link, '--user', 'bob'])).code).toBe(0);
    expect(JSON.parse(readFileSync(real, 'utf8'))).toMatchObject({ user_id: 'bob' });
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
  });

  it.runIf(existsSync('/dev/null'))('writes into a device', async () => {
    const mode = statSync('/dev/null').mode;
    expect((await run(['init', '--yes', '--config', '/dev/null', '--force'])).code).toBe(0);
    expect(statSync('/dev/null').mode).toBe(mode);
  });
});

it('init leaves nothing behind when the input is invalid', async () => {
  const file = path.join(folder, 'new', 'config.json');
  const { code, stderr } = await run(['init', '--yes', '--config', file, '--base-url', 'nowhere']);
  expect([code, existsSync(path.dirname(file))]).toEqual([78, false]);
  expect(stderr).toContain('openai_base_url');
});

describe('stats and inspect', () => {
  it('print JSON without a terminal, tables on request, and no colours', async () => {
    await remember(['I live in Kiel.', 'I have a dog called Bruno.', 'Bruno likes the beach.']);
    const args = ['--data', data, '--user', 'alice'];
    const stats = JSON.parse((await run(['stats', ...args])).stdout);
    expect(stats).toMatchObject({ user_id: 'alice', mid_term: { pages: 3 } });
    const table = await run(['stats', ...args, '--table']);
    expect(table.stdout).toMatch(/tier +holds +room for/);
    expect(table.stdout).not.toContain('\u001b');

    const found = JSON.parse((await run(['inspect', ...args])).stdout);
    expect(found.segments).not.toEqual([]);
    const tables = await run(['inspect', ...args, '--table']);
    expect(tables.stdout).toMatch(/Mid-term memory: \d+ segments?, 3 pages/);
    expect(tables.stdout).toContain('█');

    const [segment] = found.segments;
    const detail = JSON.parse((await run(['inspect', segment.segment_id, ...args])).stdout);
    expect(detail.page_list.length).toBe(segment.pages);
    expect((await run(['inspect', 'sg_0mfa5k2b1c3d4e5f60718', ...args])).code).toBe(66);
    expect((await run(['inspect', '../x', ...args])).code).toBe(65);
  }, 60_000);

  it('show short-term memory, count in correct words, and stay within 60 columns', async () => {
    const memory = await createMemory({ data_storage_path: data, user_id: 'alice' });
    await memory.add({ userInput: `My flat is ${'very '.repeat(40)}small.`, agentResponse: 'I see.' });
    await memory.add({
      userInput: 'I moved to Kiel.',
      agentResponse: 'When?',
      timestamp: '2019-02-03T10:00:00Z',
    });
    await memory.close();
    const args = ['--data', data, '--user', 'alice'];
    const { stdout } = await run(['inspect', '--table', ...args]);
    expect(stdout).toContain('Short-term memory: 2 of 10 pages');
    expect(stdout).toMatch(/user {2}My flat is very/);
    expect(stdout).toMatch(/user {2}I moved to Kiel\./);
    expect(stdout).toContain('Mid-term memory: 0 segments, 0 pages');
    expect(stdout.split('\n').filter((line) => [...line].length > 60)).toEqual([]);
    const found = JSON.parse((await run(['inspect', ...args])).stdout);
    expect(found.short_term_memory).toHaveLength(2);
    await run(['add', 'Only this.', '--data', data, '--user', 'bob']);
    const { stdout: one } = await run(['stats', '--table', '--data', data, '--user', 'bob']);
    expect(one).toMatch(/short-term +1 page /);
  }, 60_000);

  it('shows the ids for forgetting facts', async () => {
    const settings = { data_storage_path: data, user_id: 'alice', mid_term_heat_threshold: 1 };
    const memory = await createMemory(settings);
    await memory.add({ userInput: 'I am allergic to peanuts.', agentResponse: 'Noted.' });
    await memory.flush({ shortTerm: true });
    await memory.close();
    const args = ['--data', data, '--user', 'alice'];
    const { stdout } = await run(['inspect', '--table', ...args]);
    const [id = 'none'] = /fc_[0-9a-z]{21}/.exec(stdout) ?? [];
    expect((await run(['forget', id, ...args])).stdout).toContain('peanuts');
  }, 60_000);
});

describe('doctor', () => {
  it('finds nothing wrong in a new memory', async () => {
    const { code, stdout } = await run(['doctor', '--data', data]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ok +node/m);
    expect(stdout).toMatch(/^ok +memory/m);
  });

  it('reports problems and what to do, and ends with 1', async () => {
    writeFileSync(data, 'x');
    const { code, stdout } = await run(['doctor', '--data', data, '--json']);
    expect(code).toBe(1);
    const findings: { check: string; level: string; message: string; todo: string }[] = JSON.parse(stdout);
    expect(findings.find(({ level }) => level === 'error')).toMatchObject({
      check: 'data folder',
      message: expect.stringContaining('is a file'),
      todo: expect.stringContaining('data_storage_path'),
    });
    writeFileSync(path.join(folder, 'config.json'), '{');
    const broken = await run(['doctor', '--config', 'config.json']);
    expect(broken.code).toBe(1);
    expect(broken.stdout).toMatch(/error +configuration[\s\S]*line 1/);
  });

  it('finds damaged files of every user without changing them, and repairs them on request', async () => {
    await remember(['I live in Kiel.', 'I have a dog called Bruno.']);
    const segments = path.join(data, 'users/alice/mid_term');
    const files = readdirSync(segments, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.json'),
    );
    const file = path.join(segments, files[0] ?? '');
    writeFileSync(file, '{"schema_ver');

    const { code, stdout } = await run(['doctor', '--data', data, '--user', 'bob']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^error +files +users\/alice/m);
    expect(stdout).toContain('doctor --repair');
    expect(readFileSync(file, 'utf8')).toBe('{"schema_ver');

    const repaired = await run(['doctor', '--data', data, '--user', 'bob', '--repair']);
    expect(repaired.stdout).toMatch(/^warning repaired/m);
    expect(repaired.code).toBe(0);
    expect((await run(['doctor', '--data', data, '--user', 'alice'])).code).toBe(0);
    const found = await run(['inspect', '--data', data, '--user', 'alice']);
    expect(JSON.parse(found.stdout)).toMatchObject({ stats: { mid_term: { pages: 2 } } });
  }, 60_000);

  it.each([
    [200, '{"data":[{"id":"other"}]}', 0, /does not list the model m/],
    [200, '{"data":[{"id":"m"}]}', 0, /ok +provider/],
    [401, '{}', 1, /refuses the key/],
  ])('contacts the provider: HTTP %d %s', async (status, body, exitCode, expected) => {
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      const { code, stdout } = await run(['doctor', '--data', data], {
        MEMORYOS_OPENAI_API_KEY: 'sk-secret',
        MEMORYOS_OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
        MEMORYOS_LLM_MODEL: 'm',
      });
      expect(stdout).toMatch(expected);
      expect(stdout).not.toContain('sk-secret');
      expect(code).toBe(exitCode);
      expect(seen).toEqual(['Bearer sk-secret']);
    } finally {
      server.close();
    }
  });

  it('reports when the provider does not answer', async () => {
    const { code, stdout } = await run(['doctor', '--data', data], {
      MEMORYOS_OPENAI_BASE_URL: 'http://127.0.0.1:9/v1',
    });
    expect(code).toBe(1);
    expect(stdout).toMatch(/error +provider +http:\/\/127\.0\.0\.1:9\/v1 does not answer/);
  });
});

describe('exchanges and facts from the command line', () => {
  it.each([
    ['search', 'cats'],
    ['pin', 'fc_0mwsupdda4b9643558bf0'],
    ['forget', '--before', '2000-01-01'],
  ])('%s creates no memory of a misspelt user', async (...args) => {
    const { code, stderr } = await run([...args, '--data', data, '--user', 'alcie']);
    expect(code).toBe(66);
    expect(stderr).toContain('There is no memory of alcie');
    expect(existsSync(path.join(data, 'users'))).toBe(false);
  });

  it('give their facts at once, and nothing on stderr that is not needed', async () => {
    const at = ['--data', data];
    const added = await run(['add', ...at, 'I am allergic to penicillin.']);
    expect(added.stderr).toBe('');
    const shown = await run(['inspect', '--table', ...at], { XDG_CONFIG_HOME: path.join(folder, 'none') });
    expect(shown.stdout).toContain('The user is allergic to penicillin.');
    expect(shown.stderr).toBe('');
    const found = JSON.parse((await run(['search', '--json', ...at, 'What am I allergic to?'])).stdout);
    expect(found.notices).toEqual([]);
    const nothing = await run(['forget', ...at, '--before', '2000-01-01']);
    expect(JSON.parse(nothing.stdout).message).toBe('There is nothing to forget. Nothing was changed.');
  }, 30_000);

  it('are added, found, corrected, pinned and logged, in lines of 60 columns', async () => {
    const at = ['--data', data, '--user', 'alice'];
    const long = `I live in Lyon, ${'very '.repeat(40)}happily.`;
    expect((await start(['add', long, '--answer', 'Noted.', ...at])).code).toBe(0);
    const added = JSON.parse((await start(['add', '--fact', 'The user has two cats.', ...at])).stdout);
    const id: string = added.fact.fact_id;
    expect((await start(['edit', id, 'The user has three cats.', ...at])).code).toBe(0);
    expect((await start(['pin', id, ...at])).code).toBe(0);
    for (const command of [['list'], ['search', 'cats'], ['log'], ['users']]) {
      const { stdout, code } = await start([...command, '--table', ...at]);
      expect(code, command[0]).toBe(0);
      for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(60);
    }
    const found = JSON.parse((await run(['search', 'cats', ...at])).stdout);
    expect(found.retrieved_user_knowledge).toMatchObject([
      { fact_id: id, knowledge: 'The user has three cats.', pinned: true },
    ]);
    const log = JSON.parse((await run(['log', ...at])).stdout);
    expect(log.map((change: { action: string; before: string }) => [change.action, change.before])).toEqual([
      ['pinned', 'The user has three cats.'],
      ['edited', 'The user has two cats.'],
      ['added', null],
    ]);
    expect(JSON.parse((await run(['list', ...at])).stdout)).toMatchObject([{ user_input: long }]);
    expect(JSON.parse((await run(['users', ...at])).stdout)).toEqual(['alice']);
    expect((await run(['log', '--table', '--limit', '1', ...at])).stdout).toContain('1 change\n');
    expect((await run(['edit', 'pg_1', 'x', ...at])).stderr).toMatch(/ID_INVALID/);
  }, 60_000);

  it('fit 60 columns in every command, whatever the texts and ids', async () => {
    const user = 'a.person.with.a.rather.long.name@department.example.com';
    const settings = {
      data_storage_path: data,
      user_id: user,
      assistant_id: 'an-assistant-with-a-long-name-too',
      short_term_capacity: 2,
      mid_term_heat_threshold: 1,
    };
    const memory = await createMemory(settings);
    const long = `${'very '.repeat(90)}https://example.com/${'path/'.repeat(30)} `;
    const told = [
      'I am allergic to peanuts.',
      'My dog Bruno is afraid of thunder.',
      'I work as a nurse in Kiel.',
    ];
    for (const [i, said] of told.entries()) {
      const timestamp = `2026-03-0${i + 1}T10:00:00Z`;
      await memory.add({ userInput: `${said} ${long}`, agentResponse: `I see. ${long}`, timestamp });
    }
    await memory.flush({ shortTerm: true });
    for (const said of told) await memory.add({ userInput: `${said} ${long}`, agentResponse: long });
    const [segment] = await memory.segments();
    const { fact } = await memory.update({ knowledge: 'The user has two cats.' });
    await memory.close();
    const at = ['--data', data, '--user', user, '--assistant', settings.assistant_id];
    expect((await run(['edit', fact.fact_id, `The user ${long.slice(0, 200)}`, ...at])).code).toBe(0);
    for (const command of [
      ['list'],
      ['search', 'peanuts'],
      ['users'],
      ['log'],
      ['stats'],
      ['inspect'],
      ['inspect', segment?.segment_id ?? ''],
    ]) {
      const { stdout, stderr, code } = await run([...command, '--table', ...at]);
      expect(code, `${command.join(' ')}: ${stderr}`).toBe(0);
      expect(stdout.length, command[0]).toBeGreaterThan(20);
      expect(
        stdout.split('\n').filter((line) => [...line].length > 60),
        command.join(' '),
      ).toEqual([]);
    }
  }, 60_000);
});
