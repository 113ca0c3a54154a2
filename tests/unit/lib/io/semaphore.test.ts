import { describe, expect, it } from 'vitest';
import { Semaphore } from '../../../../src/lib/io/semaphore.js';

describe('a semaphore', () => {
  it('serves requests in order, skips cancelled ones, and frees a place only once', async () => {
    const places = new Semaphore(1);
    const release = await places.take();
    const order: string[] = [];
    const leaving = new AbortController();
    const left = places.take(leaving.signal).catch((error: unknown) => order.push(String(error)));
    const second = places.take().then((give) => {
      order.push('second');
      give();
    });
    expect(places.someoneWaits).toBe(true);
    leaving.abort(new Error('too late'));
    await left;
    release();
    release();
    await second;
    expect(order).toEqual(['Error: too late', 'second']);
    expect(places.taken).toBe(0);
    (await places.take())();
    expect(places.full).toBe(false);
  });

  it('takes no place for a request that was cancelled before', async () => {
    const places = new Semaphore(1);
    await expect(places.take(AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
    expect(places.taken).toBe(0);
  });

  it('can refuse everyone who waits', async () => {
    const places = new Semaphore(1);
    const release = await places.take();
    const waiting = places.take();
    places.refuseWaiting(new Error('closing'));
    await expect(waiting).rejects.toThrow('closing');
    release();
    expect(places.taken).toBe(0);
  });
});
