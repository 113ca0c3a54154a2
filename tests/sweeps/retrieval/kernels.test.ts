import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const assets = new URL('../../../assets/sentence-model/', import.meta.url);

test.each(['forward', 'max-sim'])(
  '%s.wasm is what its source compiles to',
  async (name) => {
    const root = fileURLToPath(new URL('../../../', import.meta.url));
    const folder = await mkdtemp(path.join(tmpdir(), 'memoryos-kernel-'));
    try {
      const { scripts } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
      const command = String(scripts['build:kernel'])
        .split(' && ')
        .find((part) => part.includes(`assembly/${name}.ts`));
      const out = path.join(folder, 'out.wasm');
      const given = (command ?? '').split(' ').slice(1);
      given[given.indexOf('--outFile') + 1] = out;
      const compiler = path.join(root, 'node_modules', 'assemblyscript', 'bin', 'asc.js');
      await promisify(execFile)(process.execPath, [compiler, ...given], { cwd: root });
      expect(await readFile(out)).toEqual(await readFile(new URL(`${name}.wasm`, assets)));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  60_000,
);
