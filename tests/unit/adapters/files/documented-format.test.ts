import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { headerSchema, schemaVersion } from '../../../../src/adapters/files/log/journal-format.js';
import { loggedChangeSchema } from '../../../../src/model/change-log.js';
import { factSchema } from '../../../../src/model/knowledge.js';
import { analysisTroubleSchema, lossSchema, operationSchema } from '../../../../src/model/operation.js';
import { pageSchema } from '../../../../src/model/page.js';
import { traitSchema } from '../../../../src/model/profile.js';
import { segmentHeadSchema } from '../../../../src/model/segment.js';

const text = readFileSync('docs/storage-format.md', 'utf8');
/** The part of the text from these words to the next empty line. */
const paragraph = (start: string) => text.split('\n\n').find((part) => part.startsWith(start)) ?? '';
/** Keys that no code span of a part contains. */
function missing(keys: readonly string[], part: string): string[] {
  const code = [...part.matchAll(/`([^`]*)`/g)].map(([, inside]) => inside).join('\n');
  return keys.filter((key) => !new RegExp(`\\b${key}\\b`).test(code));
}
const row = (name: string) => text.split('\n').find((line) => line.startsWith(`| \`${name}\` |`)) ?? '';

describe('docs/storage-format.md', () => {
  it('names the version that is written', () => {
    expect(text).toContain(`Schema version ${schemaVersion}.`);
    expect(row('schema_version')).toContain(`| ${schemaVersion} |`);
  });

  it.each(operationSchema.options.map(({ shape }) => [shape.op.value, Object.keys(shape)] as const))(
    'describes the operation %s with each of its fields',
    (op, keys) => {
      expect(row(op)).not.toBe('');
      expect(
        missing(
          keys.filter((key) => key !== 'op'),
          row(op),
        ),
      ).toEqual([]);
    },
  );

  it('describes each field of a checkpoint', () => {
    expect(Object.keys(headerSchema.shape).filter((key) => row(key) === '')).toEqual([]);
    expect(missing(Object.keys(analysisTroubleSchema.shape), row('troubles'))).toEqual([]);
    expect(missing(Object.keys(lossSchema.shape), row('losses'))).toEqual([]);
  });

  it.each([
    ['**Page**', pageSchema],
    ['**Segment head**', segmentHeadSchema],
    ['**Fact**', factSchema],
    ['**Change**', loggedChangeSchema],
    ['**Trait**', traitSchema],
  ])('describes each field of a record: %s', (start, { shape }) => {
    expect(missing(Object.keys(shape), paragraph(start))).toEqual([]);
  });

  it('describes each action of a change', () => {
    expect(missing(loggedChangeSchema.shape.action.options, paragraph('**Change**'))).toEqual([]);
  });
});
