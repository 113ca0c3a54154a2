import { describe, expect, it } from 'vitest';
import { heldStore } from '../../../../src/adapters/held/held-memory.js';
import { createInMemoryStore } from '../../../../src/adapters/in-memory/in-memory-store.js';
import { clearMemory } from '../../../../src/engine/transfer/clear-memory.js';
import { copyMemory } from '../../../../src/engine/transfer/copy-memory.js';
import { contentOf, differenceOf } from '../../../../src/engine/transfer/memory-content.js';
import { toUserId } from '../../../../src/model/ids.js';
import type { Operation } from '../../../../src/model/operation.js';
import { tombstonesFor } from '../../../../src/model/tombstones.js';
import type { StoredMemory } from '../../../../src/ports/store.js';
import { fillMemory, fillSegments } from '../../../support/full-memory.js';
import { added, makeFact, makeHead, makePage, migrated, put } from '../../../support/records.js';

const alice = toUserId('alice');
const empty = () => heldStore(createInMemoryStore()).open(alice);

/** A memory with something in every part. */
async function full() {
  const memory = await empty();
  await fillMemory(memory.held);
  await fillSegments(memory.held, 4, 80, 2);
  const gone = makePage('forgotten');
  await memory.transact({}, () => [
    added(gone),
    { op: 'page_forgotten', page_id: gone.id },
    ...tombstonesFor('a-key', { pages: [gone], facts: [], traits: [] }, '2026-05-01T00:00:00.000Z'),
    {
      op: 'analysis_failed',
      trouble: {
        job: 'analyse:sg_1',
        attempts: 2,
        content_failures: 1,
        last_error: 'no JSON',
        failed_at: '2026-05-01T00:00:00.000Z',
        next_try_at: null,
      },
    },
  ]);
  return memory;
}

/** The same memory with code that runs around its transactions. */
function through(
  memory: StoredMemory,
  around: (transact: () => Promise<readonly Operation[]>) => Promise<readonly Operation[]>,
  change: (operation: Operation) => Operation = (operation) => operation,
): StoredMemory {
  return {
    userId: memory.userId,
    notices: memory.notices,
    isWatched: memory.isWatched,
    get position() {
      return memory.position;
    },
    read: (need) => memory.read(need),
    transact: (need, decide) => around(() => memory.transact(need, (slices) => decide(slices).map(change))),
    subscribe: (listener) => memory.subscribe(listener),
    claimWork: () => memory.claimWork(),
    rest: (nextAtMs) => memory.rest(nextAtMs),
    readArchive: () => memory.readArchive(),
    erase: (edit) => memory.erase(edit),
    close: () => memory.close(),
  };
}

const same = async (a: StoredMemory, b: StoredMemory) => differenceOf(await contentOf(a), await contentOf(b));

describe('copying a memory', () => {
  it('copies everything, and finds nothing to do the next time', async () => {
    const source = await full();
    const target = await empty();
    const first = await copyMemory(source, target);
    expect(first).toMatchObject({ outcome: 'copied', content: { pages: 4 * 80 + 8, facts: 5 } });
    const { counts, lastMigrated, troubles } = await target.read({
      counts: true,
      lastMigrated: true,
      troubles: true,
    });
    expect({ counts: { ...counts, seq: 0 }, lastMigrated, troubles }).toEqual(
      await source
        .read({ counts: true, lastMigrated: true, troubles: true })
        .then((found) => ({ ...found, counts: { ...found.counts, seq: 0 } })),
    );
    const { seq } = (await target.read({ counts: true })).counts;
    expect(await copyMemory(source, target)).toMatchObject({ outcome: 'same' });
    expect((await target.read({ counts: true })).counts.seq).toBe(seq);
  });

  it('continues after it was stopped at any transaction', async () => {
    const source = await full();
    for (let stop = 1; ; stop += 1) {
      const target = await empty();
      let transactions = 0;
      const failing = through(target, (transact) => {
        transactions += 1;
        if (transactions > stop) throw new Error('killed');
        return transact();
      });
      const isDone = await copyMemory(source, failing).then(
        () => true,
        () => false,
      );
      if (isDone) {
        expect(stop).toBeGreaterThan(2);
        return;
      }
      await copyMemory(source, target);
      expect(await same(source, target)).toBeNull();
    }
  });

  it('follows changes of the source: migrated, evicted and forgotten pages, changed facts', async () => {
    const source = await full();
    const target = await empty();
    await copyMemory(source, target);
    const { newest, facts, heads } = await source.read({ newest: 2, facts: 'all', heads: 'all' });
    const [first, second] = newest;
    const [fact] = [...facts.values()].flat();
    const [oldSegment] = [...heads.keys()];
    if (!first || !second || !fact || !oldSegment) throw new Error('the memory is not full');
    const head = makeHead('later');
    await source.transact({}, () => [
      put(head),
      migrated(first.id, head.id),
      { op: 'page_forgotten', page_id: second.id },
      ...tombstonesFor('a-key', { pages: [second], facts: [], traits: [] }, '2026-06-01T00:00:00.000Z'),
      { op: 'segment_archived', segment_id: oldSegment },
      { op: 'fact_put', fact: { ...fact, superseded_by: makeFact('new', []).id } },
      { op: 'analysis_recovered', job: 'analyse:sg_1' },
      added(makePage('said since')),
    ]);
    expect(await same(source, target)).not.toBeNull();
    expect(await copyMemory(source, target)).toMatchObject({ outcome: 'copied' });
    expect(await same(source, target)).toBeNull();
    expect(JSON.stringify(await target.read({ everyPage: true }))).not.toContain(second.id);
  });

  it('does not touch a target that has content of its own', async () => {
    const source = await full();
    const target = await empty();
    await target.transact({}, () => [added(makePage('said at the target'))]);
    await expect(copyMemory(source, target)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringMatching(/has a memory of alice with 1 pages and facts that the source does not/),
    });
    expect((await target.read({ counts: true })).counts.seq).toBe(1);
  });

  it('does not remove what is added to the target meanwhile', async () => {
    const source = await full();
    const target = await empty();
    let isTold = false;
    const shared = through(target, async (transact) => {
      const done = await transact();
      if (!isTold) await target.transact({}, () => [added(makePage('told meanwhile'))]);
      isTold = true;
      return done;
    });
    await expect(copyMemory(source, shared)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    expect(JSON.stringify(await target.read({ everyPage: true }))).toContain('told meanwhile');
  });

  it('detects a target that loses content', async () => {
    const source = await full();
    const target = await empty();
    const lossy = through(
      target,
      (transact) => transact(),
      (operation) =>
        operation.op === 'page_added' && operation.page.user_input === 'tomatoes'
          ? { ...operation, page: { ...operation.page, agent_response: 'something else' } }
          : operation,
    );
    await expect(copyMemory(source, lossy)).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      message: expect.stringMatching(/differs from its source: page pg_\w+ is another/),
    });
  });

  it('distinguishes memories that differ in a single place', async () => {
    const source = await full();
    const target = await empty();
    await copyMemory(source, target);
    const { heads, profile } = await source.read({ heads: 'all', profile: true });
    const [segment] = [...heads.keys()];
    const [trait] = [...profile.values()];
    if (!segment || !trait) throw new Error('the memory is not full');
    const changes: Operation[] = [
      { op: 'segment_visited', segment_id: segment, visits: 1, at: '2026-07-01T00:00:00.000Z' },
      { op: 'trait_put', trait: { ...trait, level: 'Low' } },
      { op: 'analysis_recovered', job: 'analyse:sg_1' },
      { op: 'tombstones_put', key: 'another', until: null, hashes: ['abcdefghijklmnop'] },
      { op: 'fact_put', fact: makeFact('one more', []) },
    ];
    for (const change of changes) {
      await target.transact({}, () => [change]);
      const difference = await same(source, target);
      expect(difference, change.op).not.toBeNull();
      await clearMemory(target, (await contentOf(target)).ids);
      if (change.op !== 'tombstones_put' && change.op !== 'fact_put') {
        await copyMemory(source, target);
        expect(await same(source, target)).toBeNull();
      }
    }
  });
});
