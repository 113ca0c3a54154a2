import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { migrations } from '../../../src/adapters/postgres/schema.js';
import { operationSchema } from '../../../src/model/operation.js';

const kinds = operationSchema.options.map((option) => option.shape.op.value);

/** Number of kinds of operations that a file names. */
function named(file: string): number {
  const text = readFileSync(file, 'utf8');
  return kinds.filter((kind) => new RegExp(`\\b${kind}\\b`).test(text)).length;
}

it('three files handle every kind of operation', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).map((name) =>
    path.join('src', name),
  );
  const knowing = files.filter((file) => file.endsWith('.ts') && named(file) > kinds.length * 0.7);
  expect(knowing.map((file) => file.split(path.sep).join('/')).sort()).toEqual([
    'src/adapters/postgres/schema.ts',
    'src/model/apply-operation.ts',
    'src/model/operation.ts',
  ]);
});

it('the database handles every kind of operation', () => {
  const carriedOut = new Set(
    migrations.flatMap((sql) =>
      [...sql.matchAll(/^ +when ('.*') then$/gm)].flatMap(([, names = '']) => names.match(/\w+/g) ?? []),
    ),
  );
  // The log of changes is written as a whole.
  const asWhole = ['change_logged', 'changes_blanked'];
  expect(carriedOut).toContain('changes_set');
  expect(kinds.filter((kind) => !carriedOut.has(kind))).toEqual(asWhole);
});
