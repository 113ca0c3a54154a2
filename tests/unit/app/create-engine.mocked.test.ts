import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { configSchema } from '../../../src/app/config/config-keys.js';
import { createEngineFactory } from '../../../src/app/create-engine.js';
import { makeFolder } from '../../support/folders.js';

const clock = vi.hoisted(() => ({ made: 0, failures: 0 }));
vi.mock('../../../src/adapters/system-clock.js', () => ({
  createSystemClock() {
    clock.made += 1;
    if (clock.failures > 0) {
      clock.failures -= 1;
      throw new Error('This adapter cannot be made now');
    }
    return { now: () => Date.now() };
  },
}));

let folder: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ folder, remove } = await makeFolder());
  clock.made = 0;
});
afterEach(() => remove());

function opener() {
  const factory = createEngineFactory(
    { ...configSchema.parse({ user_id: 'alice' }), data_storage_path: folder },
    () => undefined,
  );
  return () => factory.open();
}

describe('the engine factory', () => {
  it('loads again, for later calls, what could not be loaded', async () => {
    clock.failures = 1;
    const open = opener();
    const together = await Promise.allSettled([open(), open()]);
    expect(together.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const engine = await open();
    expect((await engine.stats()).user_id).toBe('alice');
    await engine.close();
    expect(clock.made).toBe(2);
  });

  it('loads only once what can be loaded', async () => {
    const open = opener();
    for (const engine of await Promise.all([open(), open()])) await engine.close();
    await (await open()).close();
    expect(clock.made).toBe(1);
  });
});
