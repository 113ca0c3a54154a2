import { afterEach, beforeEach } from 'vitest';
import { toUserId, type UserId } from '../../src/model/ids.js';

interface Disposable {
  readonly store: { open(user: UserId): Promise<{ close(): Promise<void> }> };
  dispose(): Promise<void>;
}

type OpenedOf<Under extends Disposable> = Awaited<ReturnType<Under['store']['open']>>;

/** Makes a store for each test of a suite, and closes its memories after the test. Each opening represents a process. */
export function openings<Under extends Disposable>(make: () => Promise<Under>) {
  let under: Under;
  const opened: { close(): Promise<void> }[] = [];
  beforeEach(async () => {
    under = await make();
  });
  afterEach(async () => {
    for (const memory of opened.splice(0)) await memory.close();
    await under.dispose();
  });
  return {
    /** The store of the running test. */
    under: () => under,
    async open(user: UserId = toUserId('alice')): Promise<OpenedOf<Under>> {
      const memory = (await under.store.open(user)) as OpenedOf<Under>;
      opened.push(memory);
      return memory;
    },
  };
}
