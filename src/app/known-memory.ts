import { join } from 'node:path';
import { isPythonMemory } from '../adapters/python-memory/layout.js';
import { MemoryError } from '../model/errors.js';
import type { UserId } from '../model/ids.js';
import type { Store, StoredMemory } from '../ports/store.js';

/**
 * Opens the memory of a user who has one. Throws NOT_FOUND, without creating anything, when there is none.
 */
export async function openKnown<M extends StoredMemory>(memories: Store<M>, userId: UserId): Promise<M> {
  await requireMemory(memories, userId);
  return memories.open(userId);
}

/** Throws NOT_FOUND when the user has no memory. */
export async function requireMemory(memories: Store<StoredMemory>, userId: UserId): Promise<void> {
  const users = await memories.listUsers();
  if (users.includes(userId)) return;
  const known =
    users.length === 0
      ? 'The store is empty; the first exchange creates a memory.'
      : `Users with a memory: ${users.slice(0, 10).join(', ')}. Choose one with --user.`;
  throw new MemoryError('NOT_FOUND', `There is no memory of ${userId} here. ${known}`);
}

/** Throws NOT_FOUND when the user's folder is a memory of the Python MemoryOS that was not imported. */
export async function refusePythonMemory(dataDir: string, userId: UserId): Promise<void> {
  if (await isPythonMemory(join(dataDir, 'users', userId))) {
    throw new MemoryError(
      'NOT_FOUND',
      `users/${userId} in ${dataDir} is a memory of the Python MemoryOS that has not been imported yet. Start a server on this folder, or import it with "memoryos-mcp import".`,
    );
  }
}
