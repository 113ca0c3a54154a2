import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isPythonMemory } from '../../adapters/python-memory/layout.js';
import { MemoryError, messageOf } from '../../model/errors.js';
import type { UserId } from '../../model/ids.js';
import type { Reporter } from '../../ports/reporter.js';
import type { Store, StoredMemory } from '../../ports/store.js';
import type { ImportPythonOptions } from './import-python.js';

const asideName = 'python-memoryos';
const doneName = 'imported.json';

/** How the files of the Python server are read. */
export type PythonReading = Pick<ImportPythonOptions, 'assistantId' | 'zone' | 'redactor'>;

/**
 * Opens memories of a data folder that the Python server may have used until now. The Python server's
 * configuration file works unchanged, so its data folder has to work, too. Before a user's memory is opened
 * for the first time, the Python server's files are moved to `python-memoryos/users/<user>` and imported from
 * there.
 */
export function adoptingPython<M extends StoredMemory>(
  memories: Store<M>,
  dataDir: string,
  reading: PythonReading,
  report: Reporter,
): Store<M> {
  return {
    ...memories,
    async open(userId) {
      const aside = await moveAside(dataDir, userId);
      const store = await memories.open(userId);
      if (aside === null) return store;
      try {
        await importAside(store, dataDir, aside, reading, report);
        return store;
      } catch (error) {
        await store.close();
        throw error;
      }
    },
  };
}

/** The folder that waits to be imported; usually null. */
async function moveAside(dataDir: string, userId: UserId): Promise<string | null> {
  const from = join(dataDir, 'users', userId);
  const aside = join(dataDir, asideName, 'users', userId);
  if (await isPythonMemory(from)) {
    try {
      await mkdir(join(dataDir, asideName, 'users'), { recursive: true });
      await rename(from, aside);
    } catch (cause) {
      // Otherwise another process was first, and may have opened its own memory here already.
      if (await isPythonMemory(from)) {
        throw new MemoryError(
          'STORE_IO',
          `users/${userId} is a memory of the Python MemoryOS and could not be moved to ${asideName}: ${messageOf(cause)}. Stop the Python server, move the folder yourself, and import it with "memoryos-mcp import".`,
          { cause },
        );
      }
    }
  }
  const names = await readdir(aside).catch((): string[] => []);
  return names.length === 0 || names.includes(doneName) ? null : aside;
}

async function importAside(
  store: StoredMemory,
  dataDir: string,
  aside: string,
  reading: PythonReading,
  report: Reporter,
): Promise<void> {
  const { importPython } = await import('./import-python.js');
  const { counts, report: found } = await importPython(store, aside, {
    dataFolder: dataDir,
    user: undefined,
    ...reading,
    keepAnalysed: false,
    sharedAssistants: false,
    dryRun: false,
  });
  const about = { at: new Date().toISOString(), imported: counts, ...found };
  await writeFile(join(aside, doneName), `${JSON.stringify(about, null, 2)}\n`);
  report(
    'warning',
    `A memory of the Python MemoryOS was found and imported (${counts.pages} pages, ${counts.facts} facts; times without a zone were read as ${reading.zone}). The original is kept in ${asideName}; ${doneName} in that folder lists what was not imported (${found.notTaken.length} items).`,
  );
}

/**
 * The folder of the original files of an imported memory, relative to the data folder; null when there are
 * none.
 */
export async function adoptedFrom(dataDir: string, userId: UserId): Promise<string | null> {
  const names = await readdir(join(dataDir, asideName, 'users', userId)).catch((): string[] => []);
  return names.length === 0 ? null : join(asideName, 'users', userId);
}
