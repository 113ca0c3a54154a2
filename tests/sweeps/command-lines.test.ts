import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const scripts: Readonly<Record<string, string>> = JSON.parse(readFileSync('package.json', 'utf8')).scripts;
const commands = Object.entries(scripts).flatMap(([name, line]) => {
  const file = /^(?:npm run build && )?tsx (?:--expose-gc )?(\S+\.ts)$/.exec(line)?.[1];
  return file === undefined ? [] : [{ name, file }];
});

function run(file: string, option: string): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', file, option], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

describe.concurrent('the command lines of package.json', () => {
  it('include every benchmark', () => {
    const benches = Object.keys(scripts).filter((name) => name.startsWith('bench:'));
    expect(benches.filter((bench) => !commands.some(({ name }) => name === bench))).toEqual([]);
  });

  it.each(commands)(
    '$name says what it does, how long it takes and what it needs',
    async ({ name, file }) => {
      const { code, stdout, stderr } = await run(file, '--help');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain(`Usage: npm run ${name} -- `);
      expect(stdout).toMatch(/^Time: \S/m);
      expect(stdout).toMatch(/^Needs: \S/m);
    },
  );

  it.each(commands)('$name refuses an unknown option and names its help', async ({ name, file }) => {
    const { code, stdout, stderr } = await run(file, '--no-such-option');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    // An option that must be given is reported first.
    expect(stderr).toMatch(/^error: (?:unknown option '--no-such-option'|required option '--\w+ <.+>' not)/);
    expect(stderr).toContain(`See npm run ${name} -- --help.`);
  });
});
