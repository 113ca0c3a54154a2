import { createFileStore } from '../adapters/files/file-store.js';
import { type HeldMemory, heldStore } from '../adapters/held/held-memory.js';
import { createSystemClock } from '../adapters/system-clock.js';
import type { Clock } from '../ports/clock.js';
import type { Store } from '../ports/store.js';
import type { Config } from './config/config.js';
import type { ConfiguredMemory } from './create-engine.js';
import { refusePythonMemory } from './known-memory.js';

/**
 * Opens memories of the configured store read-only: in a folder, nothing is written or repaired, and opening
 * a missing memory throws NOT_FOUND. `shelvesPages`: as {@link createFileStore} takes it.
 */
export async function openStoreReadOnly(
  config: Config,
  { shelvesPages = false }: { shelvesPages?: boolean } = {},
): Promise<{ store: Store<ConfiguredMemory>; clock: Clock }> {
  const dataDir = config.data_storage_path;
  const clock = createSystemClock();
  if (config.store === 'postgres') {
    const { postgresMemories } = await import('./postgres-memories.js');
    return { store: await postgresMemories(config), clock };
  }
  const files = heldStore(createFileStore({ dataDir, clock, shelvesPages, readOnly: true }));
  const store: Store<HeldMemory> = {
    ...files,
    async open(userId) {
      await refusePythonMemory(dataDir, userId);
      return files.open(userId);
    },
  };
  return { store, clock };
}
