import { parse } from '@decimalturn/toml-patch';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { editEntry, entryAt } from '../../../../src/cli/clients/client-file.js';

const start = { command: 'node', args: ['/a b/main.js', '--user', 'ä'], env: { KEY: 'v' } };

describe('a configuration in TOML', () => {
  const at = ['mcp_servers', 'memoryos'];
  const text = `# my codex
model = "gpt-5" # fast

[mcp_servers.other]
command = "x" # keep
args = [
  "a", # one
]

[features]
# flags
web = true
`;

  it('gets its own table, keeps comments and order, and is restored by removal', () => {
    const { text: installed } = editEntry('c.toml', text, at, start);
    expect(installed.startsWith(text)).toBe(true);
    expect(installed).toContain('[mcp_servers.memoryos]\ncommand = "node"');
    // TOML 1.0 has no comma at the end of an inline table.
    expect(installed).not.toMatch(/,\s*\}/);
    expect(parse(installed)).toMatchObject({ mcp_servers: { other: { command: 'x' }, memoryos: start } });
    expect(editEntry('c.toml', installed, at, start).changed).toBe(false);
    const { text: left } = editEntry('c.toml', installed, at, undefined);
    expect(left).toBe(text);
  });

  it.each(['', 'mcp_servers = { other = { command = "x" } }\n', '[mcp_servers]\r\n[a]\r\nb = 1\r\n'])(
    'takes %j',
    (before) => {
      const { text: installed } = editEntry('c.toml', before, at, start);
      expect(entryAt('c.toml', installed, at)).toEqual(start);
      expect(installed.includes('\r\n')).toBe(before.includes('\r\n'));
      expect(installed).toMatch(/[^\n]\r?\n$/);
    },
  );

  it('changes one value and keeps the rest of the entry', () => {
    const { text: installed } = editEntry('c.toml', text, at, { ...start, startup_timeout_sec: 20 });
    const again = editEntry('c.toml', installed, at, { ...start, args: ['b'] });
    expect(entryAt('c.toml', again.text, at)).toEqual({ ...start, args: ['b'], startup_timeout_sec: 20 });
    expect(again.text).toContain('"x" # keep');
  });

  it('is never overwritten when it is not valid', () => {
    expect(() => editEntry('c.toml', 'a = [', at, start)).toThrow(
      /c\.toml is not valid TOML .* nothing was changed/s,
    );
  });
});

describe('a configuration in JSON with comments', () => {
  const at = ['mcpServers', 'memoryos'];
  const other = '"other": { "command": "x", "args": [1, 2] }';

  it.each([
    ['a comment after the last entry', `{\n  "mcpServers": {\n    ${other} // keep\n  }\n}\n`],
    ['a comma at the end', `{\n  "mcpServers": {\n    ${other}, // keep\n    /* more */\n  },\n}\n`],
    ['tabs and CRLF', `{\r\n\t"mcpServers": {\r\n\t\t${other} // keep\r\n\t}\r\n}\r\n`],
  ])('with %s keeps every other line, and is restored by removal', (_what, text) => {
    const { text: installed } = editEntry('c.json', text, at, start);
    expect(entryAt('c.json', installed, at)).toEqual(start);
    expect(installed).toContain(`${other}, // keep`);
    expect(installed.indexOf('// keep')).toBeLessThan(installed.indexOf('memoryos'));
    expect(installed.replaceAll('\r\n', '').includes('\n')).toBe(!text.includes('\r\n'));
    expect(editEntry('c.json', installed, at, undefined).text).toBe(text);
  });

  it('gets a list of servers after the last key', () => {
    const text = `// mine\n{\n  "a": [1, 2], // keep\n}\n`;
    const { text: installed } = editEntry('c.json', text, at, start);
    expect(installed.startsWith(`${text.slice(0, -2)}  "mcpServers": {\n    "memoryos": {\n`)).toBe(true);
    expect(installed.endsWith('\n    }\n  },\n}\n')).toBe(true);
  });

  it.each([
    '',
    '{}',
    '{"mcpServers":{}}',
    `{"mcpServers": {${other}}}`,
    `{ "mcpServers": { ${other} }, "b": 1 }`,
    '{"b": {"mcpServers": 1}}',
  ])('takes %j', (before) => {
    const { text: installed } = editEntry('c.json', before, at, start);
    expect(entryAt('c.json', installed, at)).toEqual(start);
    const was = before === '' ? {} : JSON.parse(before);
    expect(JSON.parse(installed)).toEqual({ ...was, mcpServers: { ...was.mcpServers, memoryos: start } });
    const { text: left } = editEntry('c.json', installed, at, undefined);
    expect(JSON.parse(left)).toEqual({ ...was, mcpServers: { ...was.mcpServers } });
  });

  it('removes an entry from between others, with its comma', () => {
    const text = `{\n  "mcpServers": {\n    "a": {}, // one\n    "memoryos": {}, // mine\n    "b": {} // two\n  }\n}\n`;
    const { text: left } = editEntry('c.json', text, at, undefined);
    expect(left).toContain('"a": {}, // one\n');
    expect(left).toContain('"b": {} // two\n');
    expect(entryAt('c.json', left, at)).toBeUndefined();
    expect(entryAt('c.json', left, ['mcpServers'])).toEqual({ a: {}, b: {} });
  });
});

describe('a configuration in YAML', () => {
  const at = ['extensions', 'memoryos'];
  const text = `# my goose
GOOSE_MODEL: gpt-5 # fast
extensions:
  # the built-in ones
  developer:
    enabled: true
    type: builtin
`;

  it('keeps comments and order', () => {
    const { text: installed } = editEntry('c.yaml', text, at, { cmd: 'node', args: ['x'] });
    for (const comment of ['# my goose', '# fast', '# the built-in ones'])
      expect(installed).toContain(comment);
    expect(installed.startsWith(text.trimEnd())).toBe(true);
    expect(parseDocument(installed).toJS().extensions.memoryos).toEqual({ cmd: 'node', args: ['x'] });
    expect(editEntry('c.yaml', installed, at, undefined).text).toBe(text);
  });

  it('is created when missing, and never overwritten when it is not valid', () => {
    expect(entryAt('c.yaml', editEntry('c.yaml', null, at, { cmd: 'n' }).text, at)).toEqual({ cmd: 'n' });
    expect(() => editEntry('c.yaml', 'a: [', at, {})).toThrow(/not valid YAML .* nothing was changed/s);
    expect(() => editEntry('c.yaml', '- 1\n', at, {})).toThrow(/it is not a mapping/);
  });
});
