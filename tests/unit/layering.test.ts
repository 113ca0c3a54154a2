import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const below = ['analysis', 'retrieval', 'tiers', 'prompts', 'ports', 'model', 'lib'];

/** The folders that each folder of src may import besides itself: the table of docs/architecture.md. */
const allowed: Record<string, readonly string[]> = {
  lib: [],
  model: ['lib'],
  ports: ['model'],
  prompts: ['model'],
  tiers: ['ports', 'model', 'lib'],
  analysis: ['tiers', 'prompts', 'ports', 'model', 'lib'],
  retrieval: ['tiers', 'prompts', 'ports', 'model', 'lib'],
  engine: below,
  adapters: ['ports', 'model', 'lib'],
  capture: ['ports', 'model', 'lib'],
  app: ['engine', ...below, 'adapters', 'capture'],
  mcp: ['engine', 'model', 'lib'],
  api: ['engine', 'model'],
  cli: ['app', 'mcp', 'api', 'engine', 'model', 'lib'],
  // Types alone: the pages run in a browser.
  ui: ['api'],
};

const root = path.resolve('src');
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => name.split(path.sep).join('/'));

/** Files of src that a file imports, those imported for their types alone too. */
function importsOf(file: string): string[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  const found = text.matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g);
  return [...found].map((match) => sourceOf(path.posix.join(path.posix.dirname(file), match[1] ?? '')));
}

/** The source file that an import of a built file names. */
function sourceOf(target: string): string {
  const source = target.replace(/\.js$/, '.ts');
  return files.includes(source) ? source : target.replace(/\.js$/, '.tsx');
}

const importsByFile = new Map(files.map((file) => [file, importsOf(file)]));

/** The files of the first cycle found, in order; empty when there is none. */
function cycle(): string[] {
  const done = new Set<string>();
  const visit = (file: string, trail: string[]): string[] => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const target of importsByFile.get(file) ?? []) {
      const found = visit(target, [...trail, file]);
      if (found.length > 0) return found;
    }
    done.add(file);
    return [];
  };
  for (const file of files) {
    const found = visit(file, []);
    if (found.length > 0) return found;
  }
  return [];
}

describe('layering', () => {
  it('knows every folder of src', () => {
    const folders = new Set(files.filter((file) => file.includes('/')).map((file) => file.split('/')[0]));
    expect([...folders].filter((folder) => !(`${folder}` in allowed))).toEqual([]);
  });

  it('has the table that the documentation shows', () => {
    const lines = readFileSync('docs/architecture.md', 'utf8').matchAll(/^\| `([a-z]+)` \| (.*)\|$/gm);
    const shown = [...lines].map(([, layer, may = '']) => [
      layer,
      [...may.matchAll(/`([a-z]+)`/g)].map(([, one]) => one),
    ]);
    expect(Object.fromEntries(shown)).toEqual(allowed);
  });

  it('has no import against the table', () => {
    const broken = files
      .filter((file) => file.includes('/'))
      .flatMap((file) => {
        const layer = file.split('/')[0] ?? '';
        return (importsByFile.get(file) ?? [])
          .map((target) => target.split('/')[0] ?? '')
          .filter((target) => target !== layer && !allowed[layer]?.includes(target))
          .map((target) => `${file} imports ${target}/`);
      });
    expect(broken).toEqual([]);
  });

  it('takes nothing but types of the API into the pages', () => {
    const taken = files
      .filter((file) => file.startsWith('ui/'))
      .flatMap(
        (file) =>
          readFileSync(path.join(root, file), 'utf8').match(/^import (?!type).*\/api\/types\.js.*$/gm) ?? [],
      );
    const others = files
      .filter((file) => file.startsWith('ui/'))
      .flatMap((file) => (importsByFile.get(file) ?? []).filter((target) => target.startsWith('api/')));
    expect(taken).toEqual([]);
    expect(new Set(others)).toEqual(new Set(['api/types.ts']));
  });

  it('has no cycle of imports, also not of types', () => {
    expect(cycle()).toEqual([]);
  });
});
