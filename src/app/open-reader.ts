import { MemoryReader } from '../engine/memory-reader.js';
import { toAssistantId, toUserId, type UserId } from '../model/ids.js';
import type { Reporter } from '../ports/reporter.js';
import type { Config } from './config/config.js';
import { settingsFrom } from './create-engine.js';
import { openKnown } from './known-memory.js';
import { createModels } from './models/models.js';
import { openStoreReadOnly } from './open-store-read-only.js';

/**
 * Opens a memory read-only. Writes nothing and calls no model. Throws NOT_FOUND when the user has no memory,
 * and STORE_….
 */
export async function openReader(
  config: Config,
  report: Reporter,
  userId: UserId = toUserId(config.user_id),
): Promise<MemoryReader> {
  const { store: memories, clock } = await openStoreReadOnly(config);
  const store = await openKnown(memories, userId);
  const notices: string[] = [];
  const { chatModel, meaningReader } = await createModels(config, { report, notices, reread: () => null });
  return new MemoryReader({
    store,
    vectorsSaved: async (model) =>
      'held' in store ? store.vectorsSaved(model) : (await store.index.vectorCounts(model)).vectors,
    settings: settingsFrom(config),
    clock,
    assistantId: toAssistantId(config.assistant_id),
    analyser: chatModel?.model ?? 'builtin',
    meaningReader,
    notices,
  });
}
