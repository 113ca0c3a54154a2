import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/app/config/config.js';
import { configSchema, keyNames } from '../../../src/app/config/config-keys.js';

const documented = readFileSync('docs/configuration.md', 'utf8');

describe('the configuration as documented', () => {
  it('has a row for every key, with the default', () => {
    const defaults = configSchema.parse({});
    for (const key of keyNames) {
      const row = documented.split('\n').find((line) => line.startsWith(`| \`${key}\` |`));
      expect(row, key).toBeDefined();
      const fallback = defaults[key];
      if (fallback !== undefined) expect(row).toContain(`| \`${JSON.stringify(fallback)}\` |`);
    }
  });

  it('is equal to config.example.json, which is valid and changes nothing', () => {
    const { config } = loadConfig({ file: 'config.example.json', env: {} });
    const { data_storage_path, ...rest } = config;
    expect(data_storage_path).toBe(path.resolve('memoryos_data'));
    expect(rest).toEqual(configSchema.parse({}));
  });

  it('has no unknown key in the example', () => {
    const example = JSON.parse(readFileSync('config.example.json', 'utf8'));
    expect(keyNames).toEqual(expect.arrayContaining(Object.keys(example)));
  });
});
