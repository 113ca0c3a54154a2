import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { build as viteBuild } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import webpack, { type Stats } from 'webpack';
import { createMemory, type MemoryOptions } from '../../src/index.js';
import { plainEnv } from '../support/cli-process.js';

const run = promisify(execFile);
const program = `
  import { createMemory } from 'memoryos-mcp';
  const main = async () => {
    const memory = await createMemory({ data_storage_path: process.argv[2], short_term_capacity: 1 });
    await memory.add({ userInput: 'I collect stamps', agentResponse: 'Nice' });
    await memory.add({ userInput: 'The kettle is broken', agentResponse: 'Oh no' });
    await memory.flush({ shortTerm: true });
    const { retrieved_pages } = await memory.retrieve({ query: 'stamps' });
    await memory.close();
    process.stdout.write(JSON.stringify(retrieved_pages.map((page) => page.user_input)));
  };
  void main();
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'memoryos-bundled-'));
  await mkdir(path.join(folder, 'node_modules'));
  await symlink(process.cwd(), path.join(folder, 'node_modules', 'memoryos-mcp'), 'junction');
  await writeFile(path.join(folder, 'package.json'), '{ "type": "module" }');
  await writeFile(path.join(folder, 'program.js'), program);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it.each(['esm', 'cjs'] as const)('a program bundled as %s finds the files of the package', async (format) => {
  const outfile = path.join(folder, 'out', format === 'esm' ? 'program.mjs' : 'program.cjs');
  await build({
    absWorkingDir: folder,
    entryPoints: ['program.js'],
    outfile,
    bundle: true,
    platform: 'node',
    format,
    logLevel: 'error',
    logOverride: { 'empty-import-meta': 'silent' },
    // The parts of CommonJS that a module bundle needs, from esbuild's documentation.
    ...(format === 'esm' && {
      banner: {
        js: "import { createRequire as make } from 'node:module'; const require = make(import.meta.url);",
      },
    }),
  });
  const data = path.join(folder, `data-${format}`);
  const { stdout } = await run(process.execPath, [outfile, data], { cwd: tmpdir(), env: plainEnv() });
  expect(JSON.parse(stdout)).toContain('I collect stamps');
});

it('a program built by Vite for a server finds the files of the package', async () => {
  const outDir = path.join(folder, 'out-vite');
  await viteBuild({
    root: folder,
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: { ssr: 'program.js', outDir },
  });
  const data = path.join(folder, 'data-vite');
  const { stdout } = await run(process.execPath, [path.join(outDir, 'program.js'), data], {
    cwd: tmpdir(),
    env: plainEnv(),
  });
  expect(JSON.parse(stdout)).toContain('I collect stamps');
});

it('a program built by webpack finds the files of the package', async () => {
  const outDir = path.join(folder, 'out-webpack');
  const stats = await new Promise<Stats | undefined>((resolve, reject) => {
    webpack(
      {
        context: folder,
        mode: 'production',
        target: 'node20',
        entry: './program.js',
        experiments: { outputModule: true },
        output: { path: outDir, filename: 'program.mjs', module: true, chunkFormat: 'module' },
        optimization: { minimize: false },
      },
      (error, built) => (error === null ? resolve(built) : reject(error)),
    );
  });
  expect(stats?.toString({ all: false, errors: true })).toBe('');
  const data = path.join(folder, 'data-webpack');
  const { stdout } = await run(process.execPath, [path.join(outDir, 'program.mjs'), data], {
    cwd: tmpdir(),
    env: plainEnv(),
  });
  expect(JSON.parse(stdout)).toContain('I collect stamps');
});

it('options are typed key by key', async () => {
  const options: MemoryOptions = { http_allowed_hosts: ['memory.example.com'], short_term_capacity: 5 };
  expect(options.short_term_capacity).toBe(5);
  // @ts-expect-error: a number is needed
  await expect(createMemory({ short_term_capacity: 'lots' })).rejects.toThrow(/short_term_capacity/);
  // @ts-expect-error: a text is needed
  await expect(createMemory({ user_id: 5 })).rejects.toThrow(/user_id/);
  // @ts-expect-error: a text is needed
  await expect(createMemory({ openai_base_url: ['http://localhost'] })).rejects.toThrow(/openai_base_url/);
  // @ts-expect-error: a list of texts is needed
  await expect(createMemory({ http_allowed_hosts: [5] })).rejects.toThrow(/http_allowed_hosts/);
  // @ts-expect-error: no such key
  await expect(createMemory({ short_term_capasity: 5 })).rejects.toThrow(/short_term_capacity/);
});
