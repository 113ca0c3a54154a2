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
import { clientAt, clientNames } from '../../src/cli/clients/clients.js';
import { hookFiles } from '../../src/cli/clients/hook-files.js';
import { cliPath, hasModes, runCli } from '../support/cli-process.js';
import { sharedCommands } from '../support/command-runner.js';

/** The blocks of JSON in the README. */
const shownInReadme = [...readFileSync('README.md', 'utf8').matchAll(/```json\n([\s\S]*?)```/g)].map(
  (match) => JSON.parse(match[1] ?? ''),
);

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'memoryos-install-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const options = () => ({
  cwd: home,
  env: { HOME: home, USERPROFILE: home, APPDATA: home, XDG_CONFIG_HOME: home },
});
const shared = sharedCommands();
/** In a process that the commands of this file share. */
const run = (...args: string[]) => shared(args, options());
const alone = (...args: string[]) => runCli(args, options());

/** Makes the folders by which `install` recognises each client. */
function makeClients(): void {
  const folders = ['Claude', 'Code/User/globalStorage/saoudrizwan.claude-dev', 'opencode', 'zed', 'goose'];
  const dotted = ['.claude', '.cursor', '.codeium/windsurf', '.codex', '.gemini', '.junie'];
  const apps = process.platform === 'darwin' ? path.join(home, 'Library', 'Application Support') : home;
  for (const folder of folders) {
    mkdirSync(path.join(home, folder), { recursive: true });
    mkdirSync(path.join(apps, folder), { recursive: true });
  }
  for (const folder of dotted) mkdirSync(path.join(home, folder), { recursive: true });
}

function files(): string[] {
  return readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(path.join(home, name)).isFile(),
  );
}

describe('install and uninstall', () => {
  it.each(['claude-desktop', 'claude-code', 'cline', 'cursor', 'vscode', 'windsurf'])(
    'write for %s the block that the README shows',
    async (client) => {
      const dry = await run('install', '--client', client, '--dry-run', '--npx');
      expect(dry.code).toBe(0);
      expect(files()).toEqual([]);
      const block = JSON.parse(dry.stdout.slice(dry.stdout.indexOf('{')));
      expect(shownInReadme).toContainEqual(block);
    },
  );

  it('write and remove the configuration and hooks of every client', async () => {
    makeClients();
    const installed = await alone('install', '--all', '--no-check');
    expect(installed.code, installed.stderr).toBe(0);
    const place = {
      platform: process.platform,
      home,
      env: { HOME: home, APPDATA: home, XDG_CONFIG_HOME: home },
    };
    for (const name of clientNames) {
      const text = readFileSync(clientAt(name, place).file, 'utf8');
      expect(text, name).toContain('memoryos');
      expect(text, name).toContain(cliPath);
      for (const { file } of hookFiles(name, place, ['memoryos-mcp', 'hook', name])?.files ?? []) {
        expect(readFileSync(file, 'utf8'), file).toContain(cliPath);
      }
    }
    const again = await run('install', '--all', '--no-check');
    expect(again.stdout.match(/nothing was changed/g)).toHaveLength(clientNames.length);

    for (const client of clientNames) {
      expect((await run('uninstall', '--client', client)).code).toBe(0);
      const texts = files()
        .filter((name) => !name.includes('.backup-'))
        .map((name) => readFileSync(path.join(home, name), 'utf8'));
      const left = clientNames.length - clientNames.indexOf(client) - 1;
      expect(texts.some((text) => text.includes('memoryos'))).toBe(left > 0);
    }
  });

  it('merge into an existing configuration, after making a copy', async () => {
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
    if (hasModes) expect(statSync(file).mode & 0o777).toBe(0o600);

    const again = await run('install', '--client', 'cursor', '--config', 'config.json', '--user', 'alice');
    expect(again.stdout).toContain('nothing was changed');
    expect(files().filter((name) => name.includes('.backup-'))).toHaveLength(1);
  });

  it('show with --dry-run what would be written and kept, without secrets', async () => {
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

  it('keep the options of an existing entry, unless the call changes them', async () => {
    const file = path.join(home, 'mine.json');
    const own = {
      command: 'npx',
      args: ['-y', 'memoryos-mcp', '-c', '/home/a/config.json', '--user=alice', '--port', '1'],
      env: { MEMORYOS_LLM_MODEL: 'm' },
    };
    writeFileSync(file, JSON.stringify({ mcpServers: { memoryos: own } }));
    const at = ['--client', 'cursor', '--file', file, '--no-check'];
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

  it('leave a broken configuration unchanged', async () => {
    const file = path.join(home, '.claude.json');
    writeFileSync(file, '{"mcpServers": {');
    const { code, stderr } = await run('install', '--client', 'claude-code');
    expect(code).toBe(78);
    expect(stderr).toMatch(/line 1, column 17[\s\S]*nothing was changed/);
    expect(readFileSync(file, 'utf8')).toBe('{"mcpServers": {');
    expect(files()).toEqual(['.claude.json']);
  });

  it('name the supported clients, and a missing configuration file', async () => {
    const unknown = await run('install', '--client', 'emacs');
    expect(unknown.code).toBe(64);
    expect(unknown.stderr).toContain('claude-desktop, claude-code, cline, cursor, vscode, windsurf, codex');
    expect((await run('install', '--client', 'cursor', '--config', 'none.json')).code).toBe(78);
  });

  it('write nothing when the server does not start, and show its output', async () => {
    writeFileSync(path.join(home, 'broken.json'), '{"user_id": 7}');
    const { code, stderr } = await run('install', '--client', 'codex', '--config', 'broken.json');
    expect(code).toBe(78);
    expect(stderr).toMatch(/does not start[\s\S]*user_id/);
    expect(files()).toEqual(['broken.json']);
  });

  it('list the clients on this machine, and use all of them', async () => {
    mkdirSync(path.join(home, '.gemini'));
    mkdirSync(path.join(home, '.cursor'));
    const asked = await run('install');
    expect(asked.code).not.toBe(0);
    expect(asked.stdout).toMatch(/cursor[\s\S]*gemini/);
    expect((await run('install', '--all', '--no-check', '--env', 'OPENAI_API_KEY=sk-1')).code).toBe(0);
    const settings = JSON.parse(readFileSync(path.join(home, '.gemini/settings.json'), 'utf8'));
    expect(settings.mcpServers.memoryos.env).toEqual({ OPENAI_API_KEY: 'sk-1' });
    expect(Object.keys(settings.hooks)).toContain('BeforeAgent');

    writeFileSync(path.join(home, '.cursor/mcp.json'), '{');
    const doctor = await run('doctor', '--json', '--offline', '--data', 'memory');
    const findings: { check: string; level: string; message: string }[] = JSON.parse(doctor.stdout);
    expect(findings).toContainEqual(
      expect.objectContaining({
        check: 'gemini',
        level: 'ok',
        message: 'Gemini CLI uses this memory, with hooks',
      }),
    );
    expect(findings).toContainEqual(expect.objectContaining({ check: 'cursor', level: 'error' }));
  });

  it('with --all, a broken configuration of one client does not keep the others from it', async () => {
    mkdirSync(path.join(home, '.cursor'));
    mkdirSync(path.join(home, '.junie'));
    writeFileSync(path.join(home, '.cursor/mcp.json'), '{');
    const { code, stdout, stderr } = await run('install', '--all', '--no-check');
    expect(code).toBe(78);
    expect(stderr).toMatch(/Cursor: .*nothing was changed/);
    expect(stdout).toContain(path.join('.junie', 'mcp', 'mcp.json'));
    expect(readFileSync(path.join(home, '.cursor/mcp.json'), 'utf8')).toBe('{');
    expect((await alone('uninstall', '--all')).code).toBe(78);
    expect(readFileSync(path.join(home, '.junie/mcp/mcp.json'), 'utf8')).not.toContain('memoryos');
  });

  it('uninstall creates no file', async () => {
    for (const client of clientNames) expect((await run('uninstall', '--client', client)).code).toBe(0);
    expect(files()).toEqual([]);
  });

  it('install into every client, each started first; doctor starts and lists them all', async () => {
    makeClients();
    const { code, stdout, stderr } = await alone('install', '--all', '--data', 'memory');
    expect(code, stderr).toBe(0);
    expect(stdout.match(/It starts, and offers \d+ tools/g)).toHaveLength(clientNames.length);
    const doctor = await alone('doctor', '--json', '--data', 'memory');
    const findings: { check: string; level: string; message: string }[] = JSON.parse(doctor.stdout);
    for (const client of clientNames) {
      expect(findings).toContainEqual(
        expect.objectContaining({
          check: client,
          level: 'ok',
          message: expect.stringContaining('uses this memory'),
        }),
      );
    }
  });

  it('install a server that starts', async () => {
    await alone('install', '--client', 'cursor', '--data', 'memory');
    const { command, args } = JSON.parse(readFileSync(path.join(home, '.cursor/mcp.json'), 'utf8')).mcpServers
      .memoryos;
    expect(command).toBe(process.execPath);
    expect(args.slice(1)).toEqual(['--data', path.join(home, 'memory')]);
    const version = await runCli(['--version']);
    expect((await runCli([...args.slice(1), '--version'])).stdout).toBe(version.stdout);
  });
});
