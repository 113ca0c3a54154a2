import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type HookOptions, hookAddress } from '../../../../src/app/capture/hook-address.js';
import { loadConfig } from '../../../../src/app/config/config.js';

const folder = mkdtempSync(path.join(tmpdir(), 'address-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, keys: object): string {
  const target = path.join(folder, name);
  writeFileSync(target, `\uFEFF${JSON.stringify(keys)}`);
  return target;
}

const whole = file('whole.json', { user_id: 'from-file', data_storage_path: './kept' });
const empty = file('empty.json', { user_id: '', data_storage_path: '' });

const cases: [HookOptions, Record<string, string>][] = [
  [{}, {}],
  [{ config: whole }, {}],
  [{ config: empty }, {}],
  [{ config: path.basename(whole) }, {}],
  [{ config: whole, data: 'here', user: 'me' }, {}],
  [{ config: whole }, { MEMORYOS_USER_ID: 'env', MEMORYOS_DATA_STORAGE_PATH: 'env-data' }],
  [{ user: 'flag' }, { MEMORYOS_USER_ID: 'env', MEMORYOS_CONFIG: whole }],
  [{ data: '~/memory' }, { MEMORYOS_USER_ID: '' }],
];

describe('the address of a hook', () => {
  it.each(cases)('is the same as in the complete configuration: %j %j', (options, env) => {
    const flags = {
      ...(options.data !== undefined && { data_storage_path: options.data }),
      ...(options.user !== undefined && { user_id: options.user }),
    };
    const { config } = loadConfig({ file: options.config, flags, env, cwd: folder });
    expect(hookAddress(options, env, folder)).toEqual({
      dataDir: config.data_storage_path,
      userId: config.user_id,
    });
  });

  it('expands a tilde to the home folder', () => {
    expect(hookAddress({ data: '~/m' }, {}, folder)?.dataDir).toBe(path.join(homedir(), 'm'));
  });

  it('is unknown when the file cannot be read', () => {
    expect(hookAddress({ config: path.join(folder, 'gone.json') }, {}, folder)).toBeNull();
  });
});
