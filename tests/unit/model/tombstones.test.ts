import { describe, expect, it } from 'vitest';
import { applyOperation } from '../../../src/model/apply-operation.js';
import {
  isForgottenId,
  isForgottenPage,
  isForgottenStatement,
  listTombstones,
  type Tombstones,
  tombstoneKey,
  tombstonesFor,
} from '../../../src/model/tombstones.js';
import { emptyState } from '../../../src/model/user-state.js';
import { makeFact, makePage } from '../../support/records.js';

const forgottenAt = '2026-06-01T00:00:00.000Z';
const before = '2026-05-01T00:00:00.000Z';
const after = '2026-07-01T00:00:00.000Z';

function buried(statements: readonly string[], until: string | null): Tombstones {
  const state = emptyState();
  const facts = statements.map((text) => makeFact(text, []));
  const key = tombstoneKey(state.tombstones);
  for (const operation of tombstonesFor(key, { pages: [], facts, traits: [] }, until)) {
    applyOperation(state, operation);
  }
  return state.tombstones;
}

describe('a tombstone', () => {
  it('recognises a statement with other case, punctuation and Unicode form', () => {
    const tombstones = buried(
      ['The user\u2019s sister lives in S\u00e3o Paulo.', '\u7528\u6237\u4f4f\u5728\u67cf\u6797\u3002'],
      null,
    );
    for (const text of [
      'the user\u2019s sister lives in s\u00e3o paulo',
      "The user's sister \u2013 lives in SA\u0303O PAULO!",
      '  The  users sister lives in S\u00e3o\nPaulo ',
      '\u7528\u6237\u4f4f\u5728\u67cf\u6797',
    ]) {
      expect(isForgottenStatement(tombstones, text, after), text).toBe(true);
    }
  });

  it('does not match another statement', () => {
    const tombstones = buried(['Likes C#.', 'Owes 3.5 euros.', 'Is 50% done.', '...'], null);
    for (const text of [
      'Likes C.',
      'Likes C++.',
      'Owes 35 euros.',
      'Is 50 done.',
      'Likes C# a lot.',
      '!',
      '',
    ]) {
      expect(isForgottenStatement(tombstones, text, before), text).toBe(false);
    }
  });

  it('with a time permits what is said later; without a time it permits nothing', () => {
    const timed = buried(['Lives in Bonn.'], forgottenAt);
    expect(isForgottenStatement(timed, 'Lives in Bonn.', before)).toBe(true);
    expect(isForgottenStatement(timed, 'Lives in Bonn.', after)).toBe(false);
    expect(isForgottenStatement(buried(['Lives in Bonn.'], null), 'Lives in Bonn.', after)).toBe(true);
  });

  it('recognises a page by its id, and by its words under another id', () => {
    const state = emptyState();
    const page = makePage('My PIN is 4711.', { timestamp: before });
    for (const operation of tombstonesFor(
      tombstoneKey(state.tombstones),
      { pages: [page], facts: [], traits: [] },
      forgottenAt,
    ))
      applyOperation(state, operation);
    const { tombstones } = state;
    expect(isForgottenId(tombstones, page.id)).toBe(true);
    expect(isForgottenPage(tombstones, { ...page, user_input: 'changed since' })).toBe(true);
    expect(isForgottenPage(tombstones, makePage('my PIN is 4711', { timestamp: before }))).toBe(true);
    expect(isForgottenPage(tombstones, makePage('My PIN is 4712.', { timestamp: before }))).toBe(false);
    expect(isForgottenPage(tombstones, makePage('My PIN is 4711.', { timestamp: after }))).toBe(false);
    expect(
      isForgottenPage(tombstones, makePage('My PIN', { agent_response: 'is 4711', timestamp: before })),
    ).toBe(false);
  });

  it('contains no text and needs its key', () => {
    const tombstones = buried(['Lives in Bonn.'], null);
    const stored = listTombstones(tombstones);
    expect(JSON.stringify(stored)).not.toMatch(/bonn|lives/i);
    const other = buried(['Lives in Bonn.'], null);
    expect(listTombstones(other)[0]?.hashes).not.toEqual(stored[0]?.hashes);
    const swapped: Tombstones = new Map([
      [[...other.keys()][0] ?? '', [...tombstones.values()][0] ?? new Map()],
    ]);
    expect(isForgottenStatement(swapped, 'Lives in Bonn.', before)).toBe(false);
  });

  it('uses the later time of two for one hash, and no time means without end', () => {
    const tombstones: Tombstones = new Map();
    const put = (until: string | null) =>
      applyOperation(
        { ...emptyState(), tombstones },
        { op: 'tombstones_put', key: 'k', until, hashes: ['h'] },
      );
    for (const [until, expected] of [
      [forgottenAt, forgottenAt],
      [before, forgottenAt],
      [after, after],
      [null, null],
      [after, null],
    ] as const) {
      put(until);
      expect(tombstones.get('k')?.get('h')).toBe(expected);
    }
  });
});
