import { heldStore } from '../../adapters/held/held-memory.js';
import { createInMemoryStore } from '../../adapters/in-memory/in-memory-store.js';
import { MemoryError } from '../../model/errors.js';
import { toUserId } from '../../model/ids.js';
import type { Reporter } from '../../ports/reporter.js';
import type { StoredMemory } from '../../ports/store.js';
import type { Config } from '../config/config.js';
import { openMemories } from '../create-engine.js';
import { openStoreReadOnly } from '../open-store-read-only.js';

/**
 * Opens the configured memory for an import, without holding its pages. A dry run opens it read-only and does
 * not create a missing one.
 */
export async function openForImport(
  config: Config,
  report: Reporter,
  dryRun: boolean,
): Promise<StoredMemory> {
  const userId = toUserId(config.user_id);
  const shelving = { shelvesPages: true };
  if (!dryRun) return (await openMemories(config, report, shelving)).store.open(userId);
  try {
    return await (await openStoreReadOnly(config, shelving)).store.open(userId);
  } catch (error) {
    if (!(error instanceof MemoryError) || error.code !== 'NOT_FOUND') throw error;
    return heldStore(createInMemoryStore()).open(userId);
  }
}
