import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkNode } from '../../../src/cli/checks.js';

describe('the check of Node', () => {
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8'));
  const oldest: string = engines.node.replace('>=', '');

  it.each([oldest, '20.20.0', '22.0.0', '24.1.0'])('accepts %s', (version) => {
    expect(checkNode(version).level).toBe('ok');
  });

  it.each(['20.18.3', '18.20.0'])('refuses %s and names the oldest version', (version) => {
    expect(checkNode(version)).toMatchObject({ level: 'error' });
    expect(checkNode(version).todo).toContain(oldest.replace(/\.0$/, ''));
  });
});
