import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clientAt, type Place } from '../../../../src/cli/clients/clients.js';
import { planInstall, planUninstall } from '../../../../src/cli/clients/install-client.js';

let home: string;
let place: Place;
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'install ü '));
  place = { platform: 'linux', home, env: {} };
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const wanted = { name: 'memoryos', command: ['node', '/m/main.js'], flags: {}, env: {}, withHooks: true };

describe('OpenCode', () => {
  const other = { type: 'local', command: ['o'], enabled: true };
  const own = { type: 'local', enabled: true, command: ['node', '/m/main.js'] };

  it.each([
    ['no file', null, { memoryos: own }],
    ['a file without servers', {}, { memoryos: own }],
    ['a file of version 1', { mcp: { other } }, { other, memoryos: own }],
    [
      'a file of version 1 with a server named servers',
      { mcp: { servers: other } },
      { servers: other, memoryos: own },
    ],
    ['a file of version 2', { mcp: { servers: { other } } }, { servers: { other, memoryos: own } }],
  ])('gets the entry in a form that its version reads: %s', async (_name, before, mcp) => {
    const client = clientAt('opencode', place);
    if (before !== null) {
      mkdirSync(path.dirname(client.file), { recursive: true });
      writeFileSync(client.file, JSON.stringify(before));
    }
    const { settings } = await planInstall(client, place, wanted);
    expect(JSON.parse(settings.after ?? '').mcp).toEqual(mcp);
    mkdirSync(path.dirname(client.file), { recursive: true });
    writeFileSync(client.file, settings.after ?? '');
    const removed = await planUninstall(client, place, 'memoryos');
    expect(removed.settings.after).not.toContain('memoryos');
  });
});

describe('hooks', () => {
  const lineOf = async (more: object) => {
    const { hooks } = await planInstall(clientAt('cursor', place), place, { ...wanted, ...more });
    return JSON.parse(hooks[0]?.after ?? '').hooks.stop[0].command;
  };

  it('use the memory that the environment of the server names', async () => {
    const env = {
      MEMORYOS_DATA_STORAGE_PATH: '/mem',
      MEMORYOS_USER_ID: 'bob',
      MEMORYOS_CONFIG: '/c.json',
      OPENAI_API_KEY: 'sk-1',
    };
    expect(await lineOf({ env })).toBe('node /m/main.js hook cursor --config /c.json --data /mem --user bob');
    expect(await lineOf({ env, flags: { '--user': 'alice' } })).toContain('--user alice');
  });
});
