import { expect, test } from 'vitest';
import { isGeneratedId, newPageId } from '../../../src/model/ids.js';

test('ids sort in the order they were made, also within a millisecond', () => {
  const ids = [1_700_000_000_000, 1_700_000_000_001].flatMap((now) =>
    Array.from({ length: 500 }, () => newPageId(now)),
  );
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids).size).toBe(1000);
  expect(ids.every((id) => isGeneratedId(id, 'pg'))).toBe(true);
});
