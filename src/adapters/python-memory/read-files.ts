import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { findChroma, readChroma } from './chroma.js';
import { findPythonFiles, readPythonJson } from './files.js';
import { longTermName, midTermName, shortTermName } from './layout.js';
import type { PythonNotes } from './report.js';
import type { PythonSource, PythonSources } from './sources.js';

export interface PythonPlace {
  /** The folder that contains `assistants`, when the user's folder has been moved. */
  readonly dataFolder?: string | undefined;
  /** A user in the data folder; required when there are several. */
  readonly user?: string | undefined;
}

/**
 * Reads the files of one user of the Python MemoryOS or its ChromaDB variant. Throws NOT_FOUND and
 * INPUT_INVALID when there are none or the user is ambiguous.
 */
export async function readPythonFiles(
  folder: string,
  { user, dataFolder }: PythonPlace,
  notes: PythonNotes,
): Promise<PythonSources> {
  const chroma = await findChroma(folder, user);
  if (chroma !== null) return readChroma(chroma, await modifiedMs(chroma.file), notes);

  const files = await findPythonFiles(folder, user, dataFolder);
  const source = async (where: string): Promise<PythonSource> => {
    const path = join(files.folder, where);
    return { value: await readPythonJson(path, notes), where, ms: await modifiedMs(path) };
  };
  const assistants: { id: string; value: unknown }[] = [];
  const midTerm = await source(midTermName);
  const shortTerm = await source(shortTermName);
  const longTerm = await source(longTermName);
  for (const { id, file } of files.assistants)
    assistants.push({ id, value: await readPythonJson(file, notes) });
  return { user: files.user, users: files.users, midTerm, shortTerm, longTerm, assistants };
}

async function modifiedMs(path: string): Promise<number> {
  return stat(path).then(
    (found) => Math.trunc(found.mtimeMs / 1000) * 1000,
    () => 0,
  );
}
