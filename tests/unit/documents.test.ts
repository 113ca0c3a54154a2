import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.js';
import { toolByName } from '../../src/mcp/tools/handlers.js';
import { operationSchema } from '../../src/model/operation.js';

const run = promisify(execFile);
const documents = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'VERSIONING.md'],
  ...readdirSync('docs').map((name) => `docs/${name}`),
].map((file) => ({ file, text: readFileSync(file, 'utf8') }));
const scripts: Readonly<Record<string, string>> = JSON.parse(readFileSync('package.json', 'utf8')).scripts;

/** The blocks of a language in all documents, each with the line it begins at. */
function blocks(language: string): { readonly where: string; readonly code: string }[] {
  return documents.flatMap(({ file, text }) =>
    [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)]
      .filter((match) => match[1] === language)
      .map((match) => ({
        where: `${file}:${text.slice(0, match.index).split('\n').length}`,
        code: match[2] ?? '',
      })),
  );
}

/** The calls of our command in all documents: in blocks of a shell, and in the running text. */
const calls = [
  ...blocks('sh').flatMap(({ where, code }) =>
    [...code.matchAll(/^(?:npx )?memoryos-mcp\b([^\n#|>]*)/gm)].map(([, words = '']) => ({ where, words })),
  ),
  ...documents.flatMap(({ file, text }) =>
    [...text.matchAll(/`(?:npx )?memoryos-mcp( [^`]*)`/g)].map(([, words = '']) => ({ where: file, words })),
  ),
].map(({ where, words }) => ({ where, words: words.trim().split(/\s+/) }));

/** The anchors of a page's headings, as GitHub makes them. */
function headingsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8').replace(/^```.*?^```$/gms, '');
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('the documents', () => {
  it.each(documents)('$file names only scripts that package.json has', ({ text }) => {
    const named = [...text.matchAll(/npm run ([\w:-]+)/g)].map((match) => match[1] ?? '');
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it.each(documents)('$file links only to files that exist', ({ file, text }) => {
    const targets = [...text.matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g)].map((match) => match[1] ?? '');
    expect(targets.filter((target) => !existsSync(path.join(path.dirname(file), target)))).toEqual([]);
  });

  it.each(documents)('$file links only to headings that exist', ({ file, text }) => {
    const targets = [...text.matchAll(/\]\((?![a-z]+:)([^)#\s]*)#([^)\s]+)\)/g)].map(
      ([, page = '', heading = '']) => ({
        page: page === '' ? file : path.join(path.dirname(file), page),
        heading,
      }),
    );
    expect(targets.filter(({ page, heading }) => !headingsOf(page).includes(heading))).toEqual([]);
  });

  it.each(documents)('$file names only source files that exist', ({ text }) => {
    const named = [
      ...text.matchAll(/`((?:src|tests|bench|scripts|docs|packages|assets|deploy|examples)\/[\w./-]*)`/g),
    ];
    expect(named.map(([, name = '']) => name).filter((name) => !existsSync(name))).toEqual([]);
  });

  it.each([...toolByName])('name every parameter of %s in docs/mcp.md, and no other', (name, tool) => {
    const page = readFileSync('docs/mcp.md', 'utf8');
    const [, section = ''] = page.split(`\n### \`${name}\`\n`);
    const rows = [...(section.split(/^##/m)[0]?.matchAll(/^\| (`.*?`) \|/gm) ?? [])].flatMap(
      ([, cell = '']) => [...cell.matchAll(/`(\w+)`/g)].map((match) => match[1]),
    );
    const { properties } = tool.describe().inputSchema;
    expect(rows.toSorted()).toEqual(Object.keys(properties ?? {}).toSorted());
  });

  it('have a row in docs/storage-format.md for every operation', () => {
    const page = readFileSync('docs/storage-format.md', 'utf8');
    const names = operationSchema.options.map((option) => option.shape.op.value);
    expect(names.filter((name) => !page.includes(`\n| \`${name}\` |`))).toEqual([]);
  });

  it('mention only commands and options that exist', async () => {
    const program = await createProgram(['--help']);
    expect(calls.length).toBeGreaterThan(30);
    expect(
      calls.flatMap(({ where, words }) => unknownWords(program, words).map((word) => `${where}: ${word}`)),
    ).toEqual([]);
  });

  it('have a row in docs/benchmarks.md for every benchmark', () => {
    const page = readFileSync('docs/benchmarks.md', 'utf8');
    const benches = Object.keys(scripts).filter((name) => name.startsWith('bench:'));
    expect(
      benches.filter((name) => !page.includes(`npm run ${name}\``) && !page.includes(`npm run ${name} `)),
    ).toEqual([]);
  });

  it('name only tests that exist, in docs/durability.md', () => {
    const files = readdirSync('tests', { recursive: true, encoding: 'utf8' });
    const page = readFileSync('docs/durability.md', 'utf8');
    const rows = [...page.matchAll(/^\| [^|]+ \| `([\w./-]+)` \| ([^|]+) \|$/gm)];
    expect(rows.length).toBeGreaterThan(20);
    const hasTest = (name: string, title: string) =>
      files
        .filter((file) => path.basename(file) === name)
        .some((file) => readFileSync(path.join('tests', file), 'utf8').includes(title));
    expect(
      rows
        .map(([, name = '', title = '']) => ({ name, title }))
        .filter((row) => !hasTest(row.name, row.title)),
    ).toEqual([]);
  });

  it.each([...blocks('json')])('$where is JSON', ({ code }) => {
    expect(() => JSON.parse(code)).not.toThrow();
  });
});

/** The subcommand and the options of a call that do not exist. */
function unknownWords(program: Command, words: readonly string[]): string[] {
  const first = words[0] ?? '';
  const command = program.commands.find((one) => one.name() === first);
  if (command === undefined && /^[a-z]/.test(first)) return [first];
  const serve = program.commands.find((one) => one.name() === 'serve');
  const target = command ?? serve;
  const sub = target?.commands.find((one) => one.name() === words[1]);
  const known = [program, target, sub].flatMap((one) => one?.options ?? []);
  return words
    .map((word) => word.split('=')[0] ?? '')
    .filter((word) => word.startsWith('-') && word !== '--help')
    .filter((word) => !known.some((option) => option.long === word || option.short === word));
}

describe('the programs in the documents', () => {
  const made: string[] = [];
  afterAll(() => Promise.all(made.map((folder) => rm(folder, { recursive: true, force: true }))));

  /** The compiler's errors for these files, with the declarations of the built package. */
  async function problems(programs: readonly string[]): Promise<string> {
    const folder = await mkdtemp(path.join(tmpdir(), 'memoryos-documents-'));
    made.push(folder);
    await mkdir(path.join(folder, 'node_modules', '@types'), { recursive: true });
    await symlink(process.cwd(), path.join(folder, 'node_modules', 'memoryos-mcp'), 'junction');
    await symlink(
      path.resolve('node_modules/@types/node'),
      path.join(folder, 'node_modules/@types/node'),
      'junction',
    );
    const files = programs.map((_, i) => `program-${i}.mts`);
    for (const [i, code] of programs.entries()) await writeFile(path.join(folder, files[i] ?? ''), code);
    const compiler = path.join(
      path.dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
      'bin',
      'tsc',
    );
    const options = [
      '--noEmit',
      '--strict',
      '--exactOptionalPropertyTypes',
      '--module',
      'NodeNext',
      '--target',
      'ES2023',
      '--types',
      'node',
    ];
    const { stdout } = await run(process.execPath, [compiler, ...options, ...files], { cwd: folder }).catch(
      (error: unknown) => error as { stdout: string },
    );
    return stdout;
  }

  const wrong = (options: string) =>
    `import { createMemory } from 'memoryos-mcp';\nawait createMemory({ ${options} });\n`;
  const shown = blocks('ts').map(({ code }) => code);
  let lines: readonly string[];
  /** The compiler's errors for one program. */
  const saidOf = (place: number) => lines.filter((line) => line.startsWith(`program-${place}.`)).join('\n');
  beforeAll(async () => {
    const all = [...shown, wrong("short_term_capacity: 'lots'"), wrong('user_id: 5')];
    lines = (await problems(all)).split('\n').filter((line) => line !== '');
  });

  it('compile against the declarations of the package', () => {
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.map((_, place) => saidOf(place)).join('')).toBe('');
    expect(lines.filter((line) => !/^(?:program-\d|\s)/.test(line))).toEqual([]);
  });

  it('fail to compile when they use something the package lacks', () => {
    expect(saidOf(shown.length)).toContain("Type 'string' is not assignable to type 'number'");
    expect(saidOf(shown.length + 1)).toContain("Type 'number' is not assignable to type 'string'");
  });
});
