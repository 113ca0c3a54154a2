import { describe, expect, it } from 'vitest';
import { applyOperation } from '../../../src/model/apply-operation.js';
import { emptyState, findPage, type UserState } from '../../../src/model/user-state.js';
import { added, makeHead, makePage, migrated, put } from '../../support/records.js';

/** A state that counts how often a page of short-term memory is read. */
function counted(): { state: UserState; looks: () => number } {
  let looks = 0;
  const state = emptyState();
  const shortTerm = new Proxy(state.shortTerm, {
    get(pages, key) {
      if (typeof key === 'string' && /^\d+$/.test(key)) looks += 1;
      return Reflect.get(pages, key);
    },
  });
  return { state: { ...state, shortTerm }, looks: () => looks };
}

describe('short-term memory with many pages that wait', () => {
  it('adds and finds each without searching the others', () => {
    const { state, looks } = counted();
    const pages = Array.from({ length: 1000 }, (_, index) => makePage(`page ${index}`));
    for (const page of pages) applyOperation(state, added(page));
    expect(pages.every((page) => findPage(state, page.id) === page)).toBe(true);
    expect(findPage(state, makePage('unknown').id)).toBeUndefined();
    expect(looks()).toBeLessThan(10 * pages.length);
  });

  it('finds a page as it was changed, migrated and forgotten', () => {
    const state = emptyState();
    const head = makeHead('topic');
    const [one, two] = [makePage('one'), makePage('two')];
    for (const operation of [put(head), added(one), added(two)]) applyOperation(state, operation);
    applyOperation(state, { op: 'page_summarised', page_id: one.id, meta_info: 'changed' });
    expect(findPage(state, one.id)).toMatchObject({ meta_info: 'changed' });
    applyOperation(state, migrated(one.id, head.id));
    expect(findPage(state, one.id)).toMatchObject({ meta_info: 'a chain' });
    expect([...state.shortTermById.keys()]).toEqual([two.id]);
    applyOperation(state, { op: 'page_forgotten', page_id: two.id });
    expect(findPage(state, two.id)).toBeUndefined();
    expect(state.shortTermById.size).toBe(0);
  });
});
