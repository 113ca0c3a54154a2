import { describe, expect, it } from 'vitest';
import type { LoggedChange } from '../../../src/model/change-log.js';
import type { Operation } from '../../../src/model/operation.js';
import { applyTransaction } from '../../../src/model/transaction.js';
import { emptyState } from '../../../src/model/user-state.js';
import { snapshot } from '../../conformance/memory-store.js';
import {
  added,
  makeFact,
  makeHead,
  makePage,
  makeTrait,
  migrated,
  put,
  someAssistant,
} from '../../support/records.js';

describe('applyTransaction', () => {
  const short = makePage('short');
  const inSegment = makePage('in segment');
  const head = makeHead('one');
  const empty = makeHead('empty');
  const last = makeHead('last');
  const fact = makeFact('a fact', [short.id]);
  const own = makeFact('own', [short.id], { assistant_id: someAssistant });
  const trait = makeTrait([short.id]);
  const trouble = {
    job: 'j',
    attempts: 1,
    content_failures: 0,
    last_error: 'e',
    failed_at: head.created_at,
    next_try_at: null,
  };

  const change: LoggedChange = {
    at: head.created_at,
    by: 'cli',
    assistant_id: someAssistant,
    action: 'added',
    fact_id: fact.id,
    before: null,
    after: fact.knowledge,
    forgotten: null,
  };

  function start() {
    const state = emptyState();
    applyTransaction(state, [
      added(inSegment),
      added(short),
      put(head),
      put(empty),
      put(last),
      migrated(inSegment.id, head.id),
      { op: 'fact_put', fact },
      { op: 'trait_put', trait },
      { op: 'analysis_failed', trouble },
      { op: 'change_logged', change },
      { op: 'tombstones_put', key: 'k', until: null, hashes: ['known'] },
      { op: 'loss_noted', loss: { at: head.created_at, message: 'a loss' } },
    ]);
    state.archivedSegments = 2;
    state.archivedPages = 5;
    return state;
  }

  const changes: Operation[] = [
    added(makePage('new')),
    added(makePage('new'), head.id),
    migrated(short.id, head.id),
    { op: 'page_forgotten', page_id: short.id },
    { op: 'page_forgotten', page_id: inSegment.id },
    { op: 'page_summarised', page_id: inSegment.id, meta_info: 'else' },
    { op: 'pages_analysed', segment_id: head.id, page_ids: [inSegment.id] },
    { op: 'pages_read', page_ids: [short.id] },
    { op: 'pages_noted', page_ids: [short.id, inSegment.id] },
    { op: 'pages_read', page_ids: [inSegment.id] },
    put({ ...head, theme: 'else' }),
    put(makeHead('new')),
    { op: 'segment_visited', segment_id: head.id, visits: 2, at: '2027-01-01T00:00:00.000Z' },
    { op: 'segment_archived', segment_id: head.id },
    { op: 'segment_removed', segment_id: empty.id },
    { op: 'archive_reduced', segments: 1, pages: 9 },
    { op: 'trait_put', trait: { ...trait, level: 'Low' } },
    { op: 'trait_removed', group: trait.group, dimension: trait.dimension },
    { op: 'fact_put', fact: own },
    { op: 'fact_put', fact: { ...fact, superseded_by: own.id } },
    { op: 'fact_removed', fact_id: fact.id, assistant_id: null, reason: 'capacity' },
    { op: 'change_logged', change: { ...change, action: 'edited' } },
    { op: 'changes_blanked', fact_ids: [fact.id] },
    { op: 'analysis_failed', trouble: { ...trouble, attempts: 2 } },
    { op: 'analysis_recovered', job: 'j' },
    { op: 'tombstones_put', key: 'k', until: null, hashes: ['new'] },
    { op: 'tombstones_put', key: 'other', until: head.created_at, hashes: ['known'] },
    { op: 'loss_noted', loss: { at: head.created_at, message: 'another loss' } },
    { op: 'losses_accepted' },
  ];

  for (const change of changes) {
    it(`undoes ${change.op}`, () => {
      const state = start();
      const before = structuredClone(snapshot(state));
      const { undo } = applyTransaction(state, [change]);
      expect(snapshot(state)).not.toEqual(before);
      undo();
      expect(snapshot(state)).toEqual(before);
      expect([...state.segments.keys()]).toEqual([head.id, empty.id, last.id]);
    });
  }

  it('covers every kind of operation', async () => {
    const { operationSchema } = await import('../../../src/model/operation.js');
    const kinds = operationSchema.options.map((option) => option.shape.op.value);
    expect([...new Set(changes.map((change) => change.op))].sort()).toEqual([...kinds].sort());
  });

  it('counts pages that are not analysed yet', () => {
    const state = start();
    const more = makePage('more');
    applyTransaction(state, [added(more, head.id)]);
    expect(state.segments.get(head.id)?.unanalysed).toBe(2);
    applyTransaction(state, [{ op: 'pages_analysed', segment_id: head.id, page_ids: [more.id] }]);
    expect(state.segments.get(head.id)?.unanalysed).toBe(1);
  });

  it('counts pages that are not read yet', () => {
    const state = start();
    const more = makePage('more');
    applyTransaction(state, [added(more, head.id)]);
    const { undo } = applyTransaction(state, [{ op: 'pages_read', page_ids: [more.id] }]);
    expect(state.segments.get(head.id)?.unread).toBe(1);
    undo();
    expect(state.segments.get(head.id)?.unread).toBe(2);
  });

  it('undoes earlier operations when one does not fit', () => {
    const state = start();
    const before = structuredClone(snapshot(state));
    const misfit = migrated(makePage('unknown').id, head.id);
    expect(() => applyTransaction(state, [...changes.slice(0, 3), misfit])).toThrow(/does not fit/);
    expect(snapshot(state)).toEqual(before);
  });

  it('returns what moves to the archive, in its state at that time', () => {
    const state = start();
    const { departed } = applyTransaction(state, [
      migrated(short.id, head.id),
      { op: 'segment_archived', segment_id: head.id },
      { op: 'fact_removed', fact_id: fact.id, assistant_id: null, reason: 'capacity' },
    ]);
    expect(departed.segments.map((segment) => segment.pages.map((page) => page.id))).toEqual([
      [inSegment.id, short.id],
    ]);
    expect(departed.facts).toEqual([fact]);
  });
});
