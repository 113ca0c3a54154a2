import { describe, expect, it } from 'vitest';
import { clientNames, type Place } from '../../../../src/cli/clients/clients.js';
import { shellLine } from '../../../../src/cli/clients/command.js';
import { hookFiles } from '../../../../src/cli/clients/hook-files.js';

const place: Place = { platform: 'linux', home: '/home/a', env: {} };
const words = (client: string) => ['/usr/bin/node', '/opt/my apps/dist/cli/main.js', 'hook', client];
const withHooks = clientNames.filter((name) => hookFiles(name, place, []) !== null);

describe('the hooks of a client', () => {
  it('are supported for seven clients', () => {
    expect(withHooks).toEqual(['claude-code', 'cline', 'cursor', 'vscode', 'codex', 'gemini', 'opencode']);
  });

  it.each(withHooks)('of %s are written once and removed again', (client) => {
    const on = hookFiles(client, place, words(client))?.files ?? [];
    const off = hookFiles(client, place, null)?.files ?? [];
    on.forEach(({ edit }, index) => {
      const written = edit(null);
      expect(written).not.toBeNull();
      expect(edit(written)).toBe(written);
      const left = off[index]?.edit(written) ?? null;
      expect(left ?? '').not.toContain(`hook ${client}`);
    });
  });

  it('keep the hooks and comments of others', () => {
    const before = `{
  // mine
  "hooks": { "Stop": [{ "hooks": [{ "type": "command", "command": "say done" }] }] },
  "model": "opus"
}
`;
    const [on] = hookFiles('claude-code', place, words('claude-code'))?.files ?? [];
    const [off] = hookFiles('claude-code', place, null)?.files ?? [];
    const written = on?.edit(before) ?? '';
    expect(written).toContain('// mine');
    expect(written).toContain('say done');
    expect(written.match(/hook claude-code/g)).toHaveLength(5);
    const left = off?.edit(written) ?? '';
    expect(left).toContain('say done');
    expect(left).not.toContain('hook claude-code');
    // An entry of another installation is replaced, not doubled.
    const [moved] =
      hookFiles('claude-code', place, ['npx', '-y', 'memoryos-mcp', 'hook', 'claude-code'])?.files ?? [];
    expect(moved?.edit(written)?.match(/hook claude-code/g)).toHaveLength(5);
  });

  it("of Cline do not replace somebody else's script", () => {
    const [file] = hookFiles('cline', place, words('cline'))?.files ?? [];
    expect(file?.edit('#!/bin/bash\necho hi\n')).toBe('#!/bin/bash\necho hi\n');
  });

  it('of a file that is not valid are refused', () => {
    const [file] = hookFiles('cursor', place, words('cursor'))?.files ?? [];
    expect(() => file?.edit('{"hooks": ')).toThrow(/nothing was changed/);
  });
});

describe('a line for a shell', () => {
  it('quotes words correctly on every system', () => {
    expect(shellLine(['/usr/bin/node', "/a b/it's.js", 'hook'], 'linux')).toBe(
      `/usr/bin/node '/a b/it'\\''s.js' hook`,
    );
    expect(shellLine(['C:\\Program Files\\nodejs\\node.exe', 'C:\\Users\\Jörg\\m.js', '-y'], 'win32')).toBe(
      '"C:/Program Files/nodejs/node.exe" "C:/Users/Jörg/m.js" -y',
    );
  });
});
