import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packBundle, unpackBundle } from '../../scripts/pack-bundle.js';
import { plainEnv } from '../support/cli-process.js';

const execute = promisify(execFile);
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const installMs = 300_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'memoryos-package-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const npm = (args: readonly string[], cwd: string) =>
  execute('npm', [...args], { cwd, env: plainEnv(), maxBuffer: 16 * 1024 * 1024 });

/** Adds and retrieves through a real client that starts the server as MCP clients do. */
async function talk(command: string, args: readonly string[], cwd: string, env: Record<string, string> = {}) {
  const client = new Client({ name: 'package', version: '1' });
  const transport = new StdioClientTransport({
    command,
    args: [...args],
    cwd,
    env: plainEnv(env),
    stderr: 'ignore',
  });
  await client.connect(transport);
  try {
    await client.callTool({
      name: 'add_memory',
      arguments: { user_input: 'I collect stamps', agent_response: 'Nice' },
    });
    return await client.callTool({ name: 'retrieve_memory', arguments: { query: 'stamps' } });
  } finally {
    await client.close();
  }
}

describe('the packed package', () => {
  let home: string;

  beforeAll(async () => {
    const { stdout } = await npm(
      ['pack', '--json', '--ignore-scripts', '--pack-destination', folder],
      process.cwd(),
    );
    const packed: { filename: string; files: { path: string }[] }[] = JSON.parse(stdout);
    const files = packed[0]?.files.map((file) => file.path) ?? [];
    expect(files).toEqual(
      expect.arrayContaining([
        'LICENSE',
        'CHANGELOG.md',
        'mcp.json',
        'assets/kindred-english.txt',
        'config.example.json',
        'dist/cli/main.js',
        'dist/LICENSES.txt',
      ]),
    );
    expect(files.filter((file) => /^(src|tests|bench|\.ci)\//.test(file))).toEqual([]);
    const links = files
      .filter((file) => file.endsWith('.md'))
      .flatMap((file) =>
        [...readFileSync(file, 'utf8').matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g)].map(([, target = '']) =>
          path.posix.join(path.posix.dirname(file), target),
        ),
      );
    const isPacked = (target: string) =>
      files.some((file) => file === target || file.startsWith(`${target.replace(/\/$/, '')}/`));
    expect(links.length).toBeGreaterThan(20);
    expect(links.filter((target) => !isPacked(target))).toEqual([]);

    home = path.join(folder, 'empty');
    await execute('mkdir', [home]);
    writeFileSync(path.join(home, 'package.json'), '{"type":"module"}');
    const tarball = path.join(folder, packed[0]?.filename ?? '');
    await npm(['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', tarball], home);
  }, installMs);

  it('runs as npx memoryos-mcp', async () => {
    const { stdout } = await execute('npx', ['memoryos-mcp', '--version'], { cwd: home, env: plainEnv() });
    expect(stdout.trim()).toBe(version);
    const found = await talk('npx', ['memoryos-mcp', '--data', path.join(folder, 'data')], home);
    expect(JSON.stringify(found.structuredContent)).toContain('I collect stamps');
  }, 60_000);

  it('runs config.example.json unchanged, with the memory beside the file', async () => {
    const example = path.join(home, 'node_modules/memoryos-mcp/config.example.json');
    const file = path.join(home, 'config.json');
    writeFileSync(file, readFileSync(example));
    const found = await talk('npx', ['memoryos-mcp', '--config', file], home);
    expect(found.isError).toBeFalsy();
    expect(
      readFileSync(path.join(home, 'memoryos_data/users/default_user/short_term.json'), 'utf8'),
    ).toContain('stamps');
  }, 60_000);

  it('works as a library', async () => {
    writeFileSync(
      path.join(home, 'use.mjs'),
      `import { createMemory } from 'memoryos-mcp';
       const memory = await createMemory({ data_storage_path: ${JSON.stringify(path.join(folder, 'library'))} });
       await memory.add({ userInput: 'I collect stamps', agentResponse: 'Nice' });
       const { short_term_memory } = await memory.retrieve({ query: 'stamps' });
       await memory.close();
       process.stdout.write(JSON.stringify(short_term_memory));`,
    );
    const { stdout } = await execute(process.execPath, ['use.mjs'], { cwd: home, env: plainEnv() });
    expect(JSON.parse(stdout)).toMatchObject([{ user_input: 'I collect stamps' }]);
  }, 60_000);

  it('can be loaded by a CommonJS program', async () => {
    writeFileSync(
      path.join(home, 'use.cjs'),
      `const { createMemory } = require('memoryos-mcp');
       process.stdout.write(typeof createMemory);`,
    );
    const { stdout } = await execute(process.execPath, ['use.cjs'], { cwd: home, env: plainEnv() });
    expect(stdout).toBe('function');
  }, 60_000);

  it(
    'is in a bundle for Claude Desktop, which starts as its manifest says',
    async () => {
      const file = path.join(folder, 'memoryos.mcpb');
      packBundle(path.join(home, 'node_modules'), file);
      const data = path.join(folder, 'memory of the bundle');
      const unpacked = path.join(folder, 'unpacked bundle');
      const { command, args, env } = unpackBundle(file, unpacked, { folder: data });
      expect(args[0]?.startsWith(unpacked)).toBe(true);
      expect(env.OPENAI_API_KEY).toBe('');
      const found = await talk(command, args, folder, env);
      expect(JSON.stringify(found.structuredContent)).toContain('I collect stamps');
      expect(readFileSync(path.join(data, 'users/default_user/short_term.json'), 'utf8')).toContain('stamps');
    },
    installMs,
  );
});

describe('the checkout', () => {
  // npx links the checkout, and would first build it again under the other tests.
  const linked = { npm_config_ignore_scripts: 'true' };

  it('runs as npx memoryos-mcp', async () => {
    const { stdout } = await execute('npx', ['memoryos-mcp', '--version'], { env: plainEnv(linked) });
    expect(stdout.trim()).toBe(version);
  }, 60_000);

  it('has an mcp.json in the form of Claude Desktop, Cline and Cursor, which starts the server', async () => {
    const { mcpServers } = JSON.parse(readFileSync('mcp.json', 'utf8'));
    expect(Object.keys(mcpServers)).toEqual(['memoryos']);
    const { command, args, env, ...rest } = mcpServers.memoryos;
    expect(rest).toEqual({});
    const found = await talk(command, args, process.cwd(), {
      ...env,
      ...linked,
      MEMORYOS_DATA_STORAGE_PATH: path.join(folder, 'checkout'),
    });
    expect(found.isError).toBeFalsy();
  }, 60_000);
});
