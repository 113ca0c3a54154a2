import {
  mkdirSync,
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
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clientNames } from '../../src/cli/clients.js';
import { runCli } from '../support/cli-process.js';

/** The blocks of JSON the README shows. */
const shownInReadme = [...readFileSync('README.md', 'utf8').matchAll(/```json\n([\s\S]*?)```/g)].map(
  (match) => JSON.parse(match[1] ?? ''),
);

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'memoryos-install-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const run = (...args: string[]) =>
  runCli(args, { cwd: home, env: { HOME: home, USERPROFILE: home, APPDATA: home, XDG_CONFIG_HOME: home } });

function files(): string[] {
  return readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(path.join(home, name)).isFile(),
  );
}

describe('install and uninstall', () => {
  it.each(clientNames)('write and take back the configuration of %s', async (client) => {
    const dry = await run('install', '--client', client, '--dry-run');
    expect(dry.code).toBe(0);
    expect(files()).toEqual([]);
    const block = JSON.parse(dry.stdout.slice(dry.stdout.indexOf('{')));
    expect(shownInReadme).toContainEqual(block);

    const installed = await run('install', '--client', client);
    expect(installed.code, installed.stderr).toBe(0);
    const [file] = files();
    const written = JSON.parse(readFileSync(path.join(home, file ?? ''), 'utf8'));
    expect(written).toEqual(block);
    expect(JSON.stringify(written)).toContain('memoryos-mcp');

    expect((await run('uninstall', '--client', client)).code).toBe(0);
    const left = JSON.parse(readFileSync(path.join(home, file ?? ''), 'utf8'));
    expect(JSON.stringify(left)).not.toContain('memoryos');
  });

  it('merge into what is there, after keeping a copy', async () => {
    const file = path.join(home, '.cursor/mcp.json');
    mkdirSync(path.dirname(file));
    const before = '{\n  "mcpServers": { "other": { "command": "o" } }\n}';
    writeFileSync(file, before, { mode: 0o600 });
    writeFileSync(path.join(home, 'config.json'), '{}');
    const { stdout, code } = await run(
      'install',
      '--client',
      'cursor',
      '--config',
      'config.json',
      '--user',
      'alice',
    );
    expect(code).toBe(0);
    expect(JSON.parse(readFileSync(file, 'utf8')).mcpServers).toEqual({
      other: { command: 'o' },
      memoryos: {
        command: expect.any(String),
        args: expect.arrayContaining(['--config', path.join(home, 'config.json'), '--user', 'alice']),
      },
    });
    const backup = files().find((name) => name.includes('.backup-'));
    expect(stdout).toContain(backup ?? 'no backup');
    expect(readFileSync(path.join(home, backup ?? ''), 'utf8')).toBe(before);
    expect(statSync(file).mode & 0o777).toBe(0o600);

    const again = await run('install', '--client', 'cursor', '--config', 'config.json', '--user', 'alice');
    expect(again.stdout).toContain('nothing was changed');
    expect(files().filter((name) => name.includes('.backup-'))).toHaveLength(1);
  });

  it('show with --dry-run what would be written, also what is kept, and no secret', async () => {
    const own = { command: 'old', env: { OPENAI_API_KEY: 'sk-secret' }, autoApprove: ['get_memory_stats'] };
    const before = JSON.stringify({ mcpServers: { memoryos: own } });
    writeFileSync(path.join(home, 'mine.json'), before);
    const at = ['--client', 'cline', '--file', 'mine.json'];
    const dry = await run('install', ...at, '--dry-run');
    expect(readFileSync(path.join(home, 'mine.json'), 'utf8')).toBe(before);
    expect(dry.stdout + dry.stderr).not.toContain('sk-secret');
    const shown = JSON.parse(dry.stdout.slice(dry.stdout.indexOf('{')));

    expect((await run('install', ...at)).code).toBe(0);
    const { memoryos } = JSON.parse(readFileSync(path.join(home, 'mine.json'), 'utf8')).mcpServers;
    expect(memoryos).toMatchObject({ env: own.env, autoApprove: own.autoApprove, disabled: false });
    expect(shown).toEqual({ mcpServers: { memoryos: { ...memoryos, env: { OPENAI_API_KEY: '(kept)' } } } });
  });

  it('keep what the entry says of its configuration, unless the call says otherwise', async () => {
    const file = path.join(home, 'mine.json');
    const own = {
      command: 'npx',
      args: ['-y', 'memoryos-mcp', '-c', '/home/a/config.json', '--user=alice', '--port', '1'],
      env: { MEMORYOS_LLM_MODEL: 'm' },
    };
    writeFileSync(file, JSON.stringify({ mcpServers: { memoryos: own } }));
    const at = ['--client', 'cursor', '--file', file];
    const entry = () => JSON.parse(readFileSync(file, 'utf8')).mcpServers.memoryos;
    expect((await run('install', ...at)).code).toBe(0);
    expect(entry()).toMatchObject({
      args: expect.arrayContaining(['--config', '/home/a/config.json', '--user', 'alice', '--port', '1']),
      env: own.env,
    });
    expect((await run('install', ...at)).stdout).toContain('nothing was changed');
    writeFileSync(path.join(home, 'other.json'), '{}');
    await run('install', ...at, '--config', 'other.json');
    const { args } = entry();
    expect(args.slice(args.indexOf('--config'), args.indexOf('--config') + 2)).toEqual([
      '--config',
      path.join(home, 'other.json'),
    ]);
    expect(args.filter((word: string) => word === '--config')).toHaveLength(1);
    expect(args).toContain('alice');
  });

  it('keep a link a link', async () => {
    const real = path.join(home, 'dotfiles-mcp.json');
    writeFileSync(real, '{}');
    symlinkSync(real, path.join(home, 'linked.json'));
    expect((await run('install', '--client', 'cursor', '--file', 'linked.json')).code).toBe(0);
    expect(readFileSync(real, 'utf8')).toContain('memoryos');
  });

  it('leave a broken configuration as it is', async () => {
    const file = path.join(home, '.claude.json');
    writeFileSync(file, '{"mcpServers": {');
    const { code, stderr } = await run('install', '--client', 'claude-code');
    expect(code).toBe(78);
    expect(stderr).toMatch(/line 1, column 17[\s\S]*nothing was changed/);
    expect(readFileSync(file, 'utf8')).toBe('{"mcpServers": {');
    expect(files()).toEqual(['.claude.json']);
  });

  it('name the clients there are, and a configuration that is missing', async () => {
    const unknown = await run('install', '--client', 'emacs');
    expect(unknown.code).toBe(64);
    expect(unknown.stderr).toContain('claude-desktop, claude-code, cline, cursor, vscode, windsurf');
    expect((await run('install', '--client', 'cursor', '--config', 'none.json')).code).toBe(78);
  });

  it('install a server that starts', async () => {
    await run('install', '--client', 'cursor', '--local', '--data', 'memory');
    const { command, args } = JSON.parse(readFileSync(path.join(home, '.cursor/mcp.json'), 'utf8')).mcpServers
      .memoryos;
    expect(command).toBe(process.execPath);
    expect(args.slice(1)).toEqual(['--data', path.join(home, 'memory')]);
    const version = await runCli(['--version']);
    expect((await runCli([...args.slice(1), '--version'])).stdout).toBe(version.stdout);
  });
});
