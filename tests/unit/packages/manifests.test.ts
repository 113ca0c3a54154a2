import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { isConfigKey } from '../../../src/app/config/config-keys.js';
import { hookFiles } from '../../../src/cli/clients/hook-files.js';

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8'));
const own = read('package.json');
const ajv = new Ajv.default({ allErrors: true });
addFormats.default(ajv);
const isServer = ajv.compile(read('packages/server.schema.json'));

describe('server.json', () => {
  const server = read('server.json');

  it('is valid for the registry', () => {
    isServer(server);
    expect(isServer.errors).toBeNull();
  });

  it.each([
    ['a misspelt key', { ...server, websiteURL: 'https://example.com' }],
    ['a long description', { ...server, description: 'x'.repeat(101) }],
    ['a name without a namespace', { ...server, name: 'memoryos-mcp' }],
    ['a range for a version', { ...server, version: '^0.1.0' }],
    ['a former schema', { ...server, $schema: server.$schema.replace('2025-12-11', '2025-09-29') }],
    [
      'a package without a transport',
      { ...server, packages: [{ ...server.packages[0], transport: undefined }] },
    ],
  ])('would be refused with %s', (_what, wrong) => {
    expect(isServer(JSON.parse(JSON.stringify(wrong)))).toBe(false);
  });

  it('names this package, and only variables it reads', () => {
    expect(server).toMatchObject({ name: own.mcpName, version: own.version });
    expect(server.packages).toMatchObject([{ identifier: own.name, version: own.version }]);
    for (const { name } of server.packages[0].environmentVariables) {
      const key = name.replace(/^MEMORYOS_/, '').toLowerCase();
      expect(isConfigKey(key), name).toBe(true);
    }
  });
});

describe('the plugins', () => {
  const { version } = own;

  it('name this version and existing files', () => {
    const marketplace = read('.claude-plugin/marketplace.json');
    expect(marketplace.plugins).toMatchObject([{ version }]);
    const folder = path.join('.claude-plugin', '..', marketplace.plugins[0].source);
    expect(read(path.join(folder, '.claude-plugin', 'plugin.json'))).toMatchObject({ version });
    for (const file of ['.mcp.json', 'hooks/hooks.json'])
      expect(existsSync(path.join(folder, file)), file).toBe(true);
    const [skill] = readdirSync(path.join(folder, 'skills'));
    expect(readFileSync(path.join(folder, 'skills', String(skill), 'SKILL.md'), 'utf8')).toMatch(
      /^---\nname: .+\ndescription: .+\n/,
    );
    const [entry] = read('.agents/plugins/marketplace.json').plugins;
    const codex = read(path.join(entry.source.path, '.codex-plugin', 'plugin.json'));
    expect(codex).toMatchObject({ name: entry.name, version });
    for (const file of [codex.skills, codex.mcpServers, codex.hooks])
      expect(existsSync(path.join(entry.source.path, file)), file).toBe(true);
    // The plugin has a copy, because only its own folder is installed.
    const skillOf = (client: string) => readFileSync(`plugins/${client}/skills/memory/SKILL.md`, 'utf8');
    expect(skillOf('codex')).toBe(skillOf('claude-code'));
    expect(read('plugins/gemini/gemini-extension.json')).toMatchObject({ version });
    expect(read('packages/mcpb/manifest.json')).toMatchObject({
      version,
      manifest_version: '0.3',
      compatibility: { runtimes: own.engines },
    });
    expect(existsSync('packages/mcpb/icon.png')).toBe(true);
  });

  it.each([
    ['claude-code', 'plugins/claude-code/hooks/hooks.json', '.claude/settings.json'],
    ['codex', 'plugins/codex/hooks/hooks.json', '.codex/hooks.json'],
    ['gemini', 'plugins/gemini/hooks/hooks.json', '.gemini/settings.json'],
  ] as const)('call the hooks at the moments that install writes for %s', (client, file, settings) => {
    const place = { platform: 'linux' as const, home: '/home/alice', env: {} };
    const written = hookFiles(client, place, ['memoryos-mcp']);
    const mine = written?.files.find((each) => each.file.endsWith(settings));
    const installed = JSON.parse(mine?.edit(null) ?? '{}');
    expect(Object.keys(read(file).hooks).sort()).toEqual(Object.keys(installed.hooks).sort());
    expect(JSON.stringify(read(file))).toContain(`hook ${client}`);
  });
});
