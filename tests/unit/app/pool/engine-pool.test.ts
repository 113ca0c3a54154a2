import { afterEach, describe, expect, it } from 'vitest';
import { EnginePool } from '../../../../src/app/pool/engine-pool.js';
import type { MemoryChange, MemoryEngine } from '../../../../src/engine/memory-engine.js';
import { MemoryError } from '../../../../src/model/errors.js';
import { toAssistantId, toUserId } from '../../../../src/model/ids.js';
import type { StatsResult } from '../../../../src/model/results.js';
import { fakeEngine } from '../../../support/fake-engine.js';
import { emptyStats } from '../../../support/results.js';

/** A promise that the test settles. */
function outcome<T = void>() {
  let open: (value: T) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const passed = new Promise<T>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { passed, open, fail };
}

const pools: EnginePool[] = [];
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close();
});

/** A pool of engines, with a record of every opening and closing. */
function makePool(
  options: { max?: number; idleMs?: number; roomWaitMs?: number; checkEveryMs?: number } = {},
  methods: (user: string) => Partial<MemoryEngine> = () => ({}),
) {
  const lives: string[] = [];
  const tellers = new Map<string, (change: MemoryChange) => void>();
  const opening = new Map<string, Promise<void>>();
  /** Versions of closed memories after changes by other processes. */
  const positions = new Map<string, string>();
  const checks: string[] = [];
  const pool = new EnginePool({
    openUsersMax: options.max ?? 2,
    idleMs: options.idleMs ?? 60_000,
    roomWaitMs: options.roomWaitMs ?? 5000,
    assistantId: toAssistantId('helper'),
    report: () => undefined,
    checkEveryMs: options.checkEveryMs ?? 5,
    async positionOf(userId) {
      checks.push(userId);
      return positions.get(userId) ?? 'at the start';
    },
    async open(userId) {
      lives.push(`opening ${userId}`);
      await opening.get(userId);
      lives.push(`open ${userId}`);
      const engine = fakeEngine({
        stats: async () => emptyStats,
        segments: async () => [],
        onChange: (listener) => {
          tellers.set(userId, listener);
          return () => tellers.delete(userId);
        },
        close: async () => {
          lives.push(`closed ${userId}`);
        },
        ...methods(userId),
      });
      return { ...engine, position: positions.get(userId) ?? 'at the start' };
    },
  });
  pools.push(pool);
  const of = (user: string) => pool.engineOf(toUserId(user));
  return { pool, lives, tellers, opening, positions, checks, of };
}

const isOpen = (lives: readonly string[], user: string) =>
  lives.filter((one) => one === `open ${user}`).length >
  lives.filter((one) => one === `closed ${user}`).length;

describe('opening', () => {
  it('happens with the first call, once for all simultaneous calls', async () => {
    const { of, lives } = makePool();
    const alice = of('alice');
    expect(lives).toEqual([]);
    await Promise.all([alice.segments(), of('alice').segments(), alice.stats()]);
    expect(lives).toEqual(['opening alice', 'open alice']);
  });

  it('that fails is repeated by the next call, and takes no slot', async () => {
    let fails = true;
    const pool = new EnginePool({
      openUsersMax: 1,
      idleMs: 60_000,
      roomWaitMs: 20,
      assistantId: toAssistantId('helper'),
      report: () => undefined,
      async open() {
        if (fails) throw new MemoryError('STORE_IO', 'the disk is away');
        return { ...fakeEngine({ segments: async () => [] }), position: '' };
      },
      positionOf: async () => null,
      checkEveryMs: 60_000,
    });
    pools.push(pool);
    const alice = pool.engineOf(toUserId('alice'));
    await expect(alice.segments()).rejects.toMatchObject({ code: 'STORE_IO' });
    await expect(pool.engineOf(toUserId('bob')).segments()).rejects.toMatchObject({ code: 'STORE_IO' });
    expect(pool.openUsers).toBe(0);
    fails = false;
    expect(await alice.segments()).toEqual([]);
  });

  it("of one user's slow memory does not delay another user's", async () => {
    const { of, opening } = makePool();
    const slow = outcome();
    opening.set('alice', slow.passed);
    const waiting = of('alice').segments();
    expect(await of('bob').segments()).toEqual([]);
    slow.open();
    await waiting;
  });
});

describe('capacity', () => {
  it('is freed by closing the memory that was unused for longest', async () => {
    const { of, lives, pool } = makePool({ max: 2 });
    await of('alice').segments();
    await of('bob').segments();
    await of('alice').segments();
    await of('carol').segments();
    expect(isOpen(lives, 'bob')).toBe(false);
    expect(isOpen(lives, 'alice')).toBe(true);
    expect(pool.openUsers).toBe(2);
    expect(await of('bob').segments()).toEqual([]);
    expect(isOpen(lives, 'alice')).toBe(false);
  });

  it('is never freed by closing a memory with a running call', async () => {
    const work = outcome();
    const { of, lives } = makePool({ max: 2 }, (user) => ({
      flush: async () => {
        if (user === 'alice') await work.passed;
      },
    }));
    const busy = of('alice').flush();
    await of('bob').segments();
    await of('carol').segments();
    expect(lives).not.toContain('closed alice');
    expect(lives).toContain('closed bob');
    work.open();
    await busy;
    await of('dave').segments();
    await of('erin').segments();
    expect(lives).toContain('closed alice');
  });

  it('is waited for in order when all memories are busy, and used as soon as one is free', async () => {
    const work = outcome();
    const { of, lives } = makePool({ max: 1 }, () => ({ flush: () => work.passed }));
    const busy = of('alice').flush();
    const second = of('bob').segments();
    const third = of('carol').segments();
    await new Promise((resolve) => setImmediate(resolve));
    expect(lives).toEqual(['opening alice', 'open alice']);
    work.open();
    await Promise.all([busy, second, third]);
    expect(lives.filter((one) => one.startsWith('open '))).toEqual(['open alice', 'open bob', 'open carol']);
  });

  it('that does not become free in time is a clear error, and leaves nothing behind', async () => {
    const work = outcome();
    const { of, pool } = makePool({ max: 1, roomWaitMs: 20 }, () => ({ flush: () => work.passed }));
    const busy = of('alice').flush();
    await expect(of('bob').segments()).rejects.toMatchObject({
      code: 'STORE_BUSY',
      message: expect.stringContaining('max_open_users'),
    });
    work.open();
    await busy;
    expect(await of('bob').segments()).toEqual([]);
    expect(pool.openUsers).toBe(1);
  });

  it('does not wait for a memory that closes slowly; only its own user does', async () => {
    const closing = outcome();
    const { of, lives } = makePool({ max: 1 }, (user) =>
      user === 'alice' ? { close: () => closing.passed } : {},
    );
    await of('alice').segments();
    expect(await of('bob').segments()).toEqual([]);
    const again = of('alice').segments();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(lives.filter((one) => one === 'opening alice')).toHaveLength(1);
    closing.open();
    await again;
    expect(lives.filter((one) => one === 'opening alice')).toHaveLength(2);
  });

  it('is kept while an answer arrives in pieces', async () => {
    const more = outcome();
    const { of, lives } = makePool({ max: 1 }, () => ({
      async *respond() {
        yield 'a';
        await more.passed;
        yield 'b';
      },
    }));
    const pieces = of('alice').respond({ query: 'x' })[Symbol.asyncIterator]();
    expect((await pieces.next()).value).toBe('a');
    const other = of('bob').segments();
    await new Promise((resolve) => setImmediate(resolve));
    expect(lives).not.toContain('closed alice');
    more.open();
    expect((await pieces.next()).value).toBe('b');
    await pieces.next();
    await other;
    expect(lives).toContain('closed alice');
  });
});

describe('an idle memory', () => {
  it('is closed after a while, and opened again when needed', async () => {
    const { of, lives, pool } = makePool({ idleMs: 20 });
    await of('alice').segments();
    await expect.poll(() => lives).toContain('closed alice');
    expect(pool.openUsers).toBe(0);
    await of('alice').segments();
    expect(isOpen(lives, 'alice')).toBe(true);
  });

  it('stays open while somebody listens to it', async () => {
    const { of, lives } = makePool({ idleMs: 20 });
    const alice = of('alice');
    alice.onChange(() => undefined);
    await expect.poll(() => lives).toContain('open alice');
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(lives).not.toContain('closed alice');
    await alice.close();
    await expect.poll(() => lives).toContain('closed alice');
  });

  it('stays open while analysis runs, but not while it waits for a model', async () => {
    const waiting = (last_error: string | null): StatsResult => ({
      ...emptyStats,
      analysis: { ...emptyStats.analysis, pages_waiting: 5, last_error },
    });
    let stats = waiting(null);
    const { of, lives } = makePool({ idleMs: 40 }, () => ({ stats: async () => stats }));
    await of('alice').segments();
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(lives).not.toContain('closed alice');
    stats = waiting('connection refused');
    await expect.poll(() => lives).toContain('closed alice');
  });
});

describe('listeners', () => {
  it('receive changes, including those made while the memory was closed, once it is opened', async () => {
    const { of, tellers, positions } = makePool({ max: 1, checkEveryMs: 60_000 });
    const heard: MemoryChange[] = [];
    of('alice').onChange((change) => heard.push(change));
    await expect.poll(() => tellers.size).toBe(1);
    const change = { shortTerm: true, segments: new Set<never>(), segmentsListed: false, longTerm: false };
    tellers.get('alice')?.(change);
    expect(heard).toEqual([change]);
    await of('bob').segments();
    positions.set('alice', 'further');
    await of('alice').segments();
    expect(heard).toHaveLength(2);
    expect(heard[1]).toMatchObject({ shortTerm: true, segmentsListed: true, longTerm: true, anything: true });
    tellers.get('alice')?.(change);
    expect(heard).toHaveLength(3);
  });

  it('receive nothing when a memory was closed and opened unchanged', async () => {
    const { of, tellers } = makePool({ max: 1, checkEveryMs: 60_000 });
    const heard: MemoryChange[] = [];
    of('alice').onChange((change) => heard.push(change));
    await expect.poll(() => tellers.size).toBe(1);
    await of('bob').segments();
    await of('alice').segments();
    expect(heard).toEqual([]);
  });

  it("receive others' changes while the memory is closed, and it stays closed", async () => {
    const { of, lives, positions, checks } = makePool({ max: 1 });
    const heard: MemoryChange[] = [];
    const alice = of('alice');
    alice.onChange((change) => heard.push(change));
    await expect.poll(() => lives).toContain('open alice');
    await of('bob').segments();
    expect(lives).toContain('closed alice');
    await expect.poll(() => checks.length).toBeGreaterThan(1);
    expect(heard).toEqual([]);
    positions.set('alice', 'further');
    await expect.poll(() => heard).toMatchObject([{ anything: true }]);
    const seen = checks.length;
    await expect.poll(() => checks.length).toBeGreaterThan(seen + 1);
    expect(heard).toHaveLength(1);
    expect(lives.filter((one) => one === 'opening alice')).toHaveLength(1);
    expect(checks).not.toContain('bob');
    // Without a listener the pool does not check.
    await alice.close();
    const last = checks.length;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(checks.length).toBeLessThanOrEqual(last + 1);
  });

  it('receive changes found while closing', async () => {
    const { of, tellers, lives } = makePool({ max: 1 }, (user) => ({
      close: async () => {
        lives.push(`closed ${user}`);
        tellers.get(user)?.({ shortTerm: true, segments: new Set(), segmentsListed: false, longTerm: false });
      },
    }));
    const heard: MemoryChange[] = [];
    of('alice').onChange((change) => heard.push(change));
    await expect.poll(() => tellers.size).toBe(1);
    await of('bob').segments();
    await expect.poll(() => heard).toMatchObject([{ shortTerm: true }]);
  });

  it('receive nothing after they unsubscribed', async () => {
    const { of, tellers } = makePool();
    const heard: MemoryChange[] = [];
    const cancel = of('alice').onChange((change) => heard.push(change));
    await expect.poll(() => tellers.size).toBe(1);
    cancel();
    tellers.get('alice')?.({ shortTerm: true, segments: new Set(), segmentsListed: false, longTerm: false });
    expect(heard).toEqual([]);
  });
});

describe('statistics', () => {
  it('cover the open memories, and open none', async () => {
    const { pool, of, lives } = makePool({ max: 3 });
    await of('alice').segments();
    await of('bob').segments();
    expect(await pool.stats()).toHaveLength(2);
    expect(lives.filter((one) => one.startsWith('opening'))).toHaveLength(2);
  });

  it('omit a memory that fails to return them', async () => {
    const { pool, of } = makePool({}, (user) => ({
      stats: async () => {
        if (user === 'alice') throw new MemoryError('STORE_IO', 'away');
        return emptyStats;
      },
    }));
    await of('alice').segments();
    await of('bob').segments();
    expect(await pool.stats()).toHaveLength(1);
  });
});

describe('closing', () => {
  it('closes all memories, also those being opened, and refuses new and waiting calls', async () => {
    const slow = outcome();
    const { pool, of, opening, lives } = makePool({ max: 2 });
    opening.set('bob', slow.passed);
    await of('alice').segments();
    const late = of('bob').segments();
    const waiting = of('carol').segments();
    await of('alice')
      .segments()
      .catch(() => undefined);
    const closed = pool.close();
    await expect(of('dave').segments()).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    slow.open();
    await Promise.allSettled([late, waiting]);
    await closed;
    expect(isOpen(lives, 'alice') || isOpen(lives, 'bob') || isOpen(lives, 'carol')).toBe(false);
    expect(pool.openUsers).toBe(0);
  });

  it('continues when one memory cannot be closed', async () => {
    const { pool, of, lives } = makePool({}, (user) =>
      user === 'alice' ? { close: () => Promise.reject(new Error('no')) } : {},
    );
    await of('alice').segments();
    await of('bob').segments();
    await pool.close();
    expect(lives).toContain('closed bob');
  });
});
