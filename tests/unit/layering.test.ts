import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

/** What each folder of src may import besides itself. The table of docs/architecture.md. */
const allowed: Record<string, readonly string[]> = {
  lib: [],
  model: ['lib'],
  ports: ['model'],
  prompts: ['model'],
  'short-term': ['ports', 'model', 'lib'],
  'mid-term': ['ports', 'model', 'lib'],
  'long-term': ['ports', 'model', 'lib'],
  migration: ['short-term', 'mid-term', 'long-term', 'prompts', 'ports', 'model', 'lib'],
  retrieval: ['short-term', 'mid-term', 'long-term', 'prompts', 'ports', 'model', 'lib'],
  engine: ['migration', 'retrieval', 'short-term', 'mid-term', 'long-term', 'ports', 'model', 'lib'],
  adapters: ['ports', 'model', 'lib'],
  app: ['adapters', 'engine', 'ports', 'model', 'lib'],
  mcp: ['engine', 'model'],
  cli: ['app', 'mcp', 'engine', 'model'],
};

const root = path.resolve('src');
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.split(path.sep).join('/'));

function importsOf(file: string): string[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  const found = text.matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g);
  return [...found].map((match) => path.posix.join(path.posix.dirname(file), match[1] ?? ''));
}

describe('layering', () => {
  it('knows every folder of src', () => {
    const folders = new Set(files.filter((file) => file.includes('/')).map((file) => file.split('/')[0]));
    expect([...folders].filter((folder) => !(`${folder}` in allowed))).toEqual([]);
  });

  it('has no import against the table', () => {
    const broken = files
      .filter((file) => file.includes('/'))
      .flatMap((file) => {
        const layer = file.split('/')[0] ?? '';
        return importsOf(file)
          .map((target) => target.split('/')[0] ?? '')
          .filter((target) => target !== layer && !allowed[layer]?.includes(target))
          .map((target) => `${file} imports ${target}/`);
      });
    expect(broken).toEqual([]);
  });

  it('keeps files under 260 lines', () => {
    const long = files
      .map((file) => ({ file, lines: readFileSync(path.join(root, file), 'utf8').split('\n').length }))
      .filter(({ lines }) => lines > 260);
    expect(long).toEqual([]);
  });
});
