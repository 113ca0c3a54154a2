import jsonc from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { editEntry } from '../../../../src/cli/clients/client-file.js';
import { clientAt, clientNames } from '../../../../src/cli/clients/clients.js';

describe('where clients keep their configuration', () => {
  it.each([
    ['claude-desktop', 'darwin', '/Users/a/Library/Application Support/Claude/claude_desktop_config.json'],
    ['claude-desktop', 'win32', 'C:\\Users\\a\\AppData\\Roaming\\Claude\\claude_desktop_config.json'],
    ['claude-desktop', 'linux', '/home/a/.config/Claude/claude_desktop_config.json'],
    ['claude-code', 'linux', '/home/a/.claude.json'],
    [
      'cline',
      'linux',
      '/home/a/.config/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json',
    ],
    ['cursor', 'darwin', '/Users/a/.cursor/mcp.json'],
    ['vscode', 'darwin', '/Users/a/Library/Application Support/Code/User/mcp.json'],
    ['vscode', 'win32', 'C:\\Users\\a\\AppData\\Roaming\\Code\\User\\mcp.json'],
    ['windsurf', 'linux', '/home/a/.codeium/windsurf/mcp_config.json'],
  ] as const)('%s on %s', (name, platform, file) => {
    const homes = { darwin: '/Users/a', win32: 'C:\\Users\\a', linux: '/home/a' };
    expect(clientAt(name, { platform, home: homes[platform], env: {} }).file).toBe(file);
  });

  it.each([
    ['codex', 'linux', '/home/a/.codex/config.toml'],
    ['codex', 'win32', 'C:\\Users\\a\\.codex\\config.toml'],
    ['gemini', 'linux', '/home/a/.gemini/settings.json'],
    ['opencode', 'darwin', '/Users/a/.config/opencode/opencode.json'],
    ['zed', 'win32', 'C:\\Users\\a\\AppData\\Roaming\\Zed\\settings.json'],
    ['zed', 'darwin', '/Users/a/.config/zed/settings.json'],
    ['goose', 'linux', '/home/a/.config/goose/config.yaml'],
    ['goose', 'win32', 'C:\\Users\\a\\AppData\\Roaming\\Block\\goose\\config\\config.yaml'],
    ['jetbrains', 'linux', '/home/a/.junie/mcp/mcp.json'],
  ] as const)('%s on %s', (name, platform, file) => {
    const homes = { darwin: '/Users/a', win32: 'C:\\Users\\a', linux: '/home/a' };
    expect(clientAt(name, { platform, home: homes[platform], env: {} }).file).toBe(file);
  });

  it.each(clientNames)('reads what it writes for %s', (name) => {
    const { form } = clientAt(name, { platform: 'linux', home: '/home/a', env: {} });
    const start = { command: 'node', args: ['/a b/main.js', '--user', 'ä'], env: { KEY: 'value' } };
    expect(form.read(form.write(start, 'memoryos'))).toEqual(start);
  });
});

describe('editing a configuration', () => {
  const entry = { command: 'npx', args: ['-y', 'memoryos-mcp'] };
  const at = ['mcpServers', 'memoryos'] as const;

  it('writes a new one', () => {
    for (const text of [null, '', '  \n']) {
      const edit = editEntry('f', text, at, entry);
      expect(edit.changed).toBe(true);
      expect(JSON.parse(edit.text)).toEqual({ mcpServers: { memoryos: entry } });
    }
  });

  it('keeps comments and everything else, and removes its own entry again', () => {
    const text = `{
  // my servers
  "mcpServers": {
    "files": { "command": "files", "env": { "TOKEN": "x" } }, // precious
  },
  "theme": "dark"
}
`;
    const { text: installed } = editEntry('f', text, at, entry);
    for (const comment of ['// my servers', '// precious']) expect(installed).toContain(comment);
    expect(jsonc.parse(installed)).toEqual({
      mcpServers: { files: { command: 'files', env: { TOKEN: 'x' } }, memoryos: entry },
      theme: 'dark',
    });
    const { text: removed } = editEntry('f', installed, at, undefined);
    expect(removed).toContain('// my servers');
    expect(jsonc.parse(removed)).toEqual(jsonc.parse(text));
  });

  it('replaces an older entry of its own, and notices when nothing changes', () => {
    const { text } = editEntry('f', '{"mcpServers":{"memoryos":{"command":"old"}}}', at, entry);
    expect(JSON.parse(text)).toEqual({ mcpServers: { memoryos: entry } });
    expect(editEntry('f', text, at, entry).changed).toBe(false);
    expect(editEntry('f', '{"a":1}', at, undefined)).toEqual({
      text: '{"a":1}',
      changed: false,
      entry: undefined,
    });
  });

  it('keeps what a person has set in its own entry', () => {
    const own = { command: 'npx', args: ['old'], env: { OPENAI_API_KEY: 'k' }, autoApprove: ['stats'] };
    const text = JSON.stringify({ mcpServers: { memoryos: own } });
    const edit = editEntry('f', text, at, entry, { disabled: false, autoApprove: [] });
    expect(JSON.parse(edit.text)).toEqual({
      mcpServers: { memoryos: { ...entry, env: own.env, autoApprove: ['stats'], disabled: false } },
    });
    expect(editEntry('f', edit.text, at, entry, { disabled: false, autoApprove: [] }).changed).toBe(false);
  });

  it('replaces completely an entry that starts no command', () => {
    const text = '{"mcpServers":{"memoryos":{"url":"http://127.0.0.1:3000/mcp"}}}';
    expect(JSON.parse(editEntry('f', text, at, entry).text)).toEqual({ mcpServers: { memoryos: entry } });
  });

  it('keeps the byte order mark of a file', () => {
    const text = '\uFEFF{\r\n  "mcpServers": {} // mine\r\n}\r\n';
    const installed = editEntry('f', text, at, entry);
    expect(installed.changed).toBe(true);
    expect(installed.text).toMatch(/^\uFEFF\{\r\n/);
    expect(jsonc.parse(installed.text.slice(1))).toEqual({ mcpServers: { memoryos: entry } });
    expect(editEntry('f', installed.text, at, entry)).toEqual({
      text: installed.text,
      changed: false,
      entry,
    });
    const removed = editEntry('f', installed.text, at, undefined);
    expect(removed.text).toContain('// mine');
    expect(jsonc.parse(removed.text.slice(1))).toEqual({ mcpServers: {} });
  });

  it.each(['{"mcpServers": ', '[]', '"x"', '{"mcpServers": []}', 'not json'])('refuses %s', (text) => {
    expect(() => editEntry('f', text, at, entry)).toThrow(/nothing was changed/);
  });
});
