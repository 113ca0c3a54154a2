import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { MemoryError } from '../../model/errors.js';
import { isRecord, readPythonJson } from './files.js';
import { leaveOut, type PythonNotes } from './report.js';
import type { PythonSources } from './sources.js';

/** The files of one user written by the ChromaDB variant of the Python MemoryOS. */
interface ChromaFiles {
  readonly user: string;
  /** `metadata_<user>_<assistant>.json`: everything except the vectors and the knowledge. */
  readonly file: string;
  /** Number of memories in the same folder, including this one. */
  readonly users: number;
}

const storageName = 'chroma_storage';
const databaseName = 'chroma.sqlite3';
const usualAssistant = 'default_assistant_profile';

/**
 * Finds a memory of the ChromaDB variant in a data folder or in its `chroma_storage`. Null when there is
 * none. Throws INPUT_INVALID when there are several and none is named.
 */
export async function findChroma(folder: string, user: string | undefined): Promise<ChromaFiles | null> {
  const names = await readdir(folder).catch((): string[] => []);
  if (names.includes('users')) return null;
  if (names.includes(storageName)) return findChroma(join(folder, storageName), user);
  const owners = names.flatMap((name) => /^metadata_(.+)\.json$/.exec(name)?.[1] ?? []);
  if (owners.length === 0) return null;
  const wanted = owners.filter(
    (owner) => user === undefined || owner === user || owner.startsWith(`${user}_`),
  );
  const [owner] = wanted;
  if (owner === undefined || wanted.length > 1) {
    throw new MemoryError(
      wanted.length === 0 ? 'NOT_FOUND' : 'INPUT_INVALID',
      `${folder} belongs to the ChromaDB variant of the Python MemoryOS and holds the memories ${owners.sort().slice(0, 10).join(', ')} (user and assistant). Choose one with --from-user.`,
    );
  }
  return { user: userOf(owner, user), file: join(folder, `metadata_${owner}.json`), users: owners.length };
}

/** Both names may contain underscores, so the boundary is known only for the usual assistant. */
function userOf(owner: string, asked: string | undefined): string {
  if (asked !== undefined && asked !== owner) return asked;
  const end = owner.endsWith(`_${usualAssistant}`)
    ? owner.length - usualAssistant.length - 1
    : owner.lastIndexOf('_');
  return end > 0 ? owner.slice(0, end) : owner;
}

/** Reads the JSON file, and lists what is only in the database. */
export async function readChroma(
  { user, file, users }: ChromaFiles,
  ms: number,
  notes: PythonNotes,
): Promise<PythonSources> {
  const where = basename(file);
  const found = await readPythonJson(file, notes);
  const metadata = isRecord(found) ? found : {};
  notes.notes.push(
    `This is a memory of the ChromaDB variant of the Python MemoryOS. Its exchanges, sessions and profile are taken from ${where}; ${databaseName} is not read: vectors are computed again, and knowledge is derived again from the exchanges.`,
  );
  leaveOut(
    notes,
    databaseName,
    'holds user_knowledge and assistant_knowledge in an unsupported format',
    'its number of entries is unknown',
  );
  return {
    user,
    users,
    midTerm: { value: { sessions: sessionsIn(metadata.mid_term_sessions) }, where, ms },
    shortTerm: { value: metadata.short_term_memory, where, ms },
    longTerm: { value: { user_profiles: metadata.user_profiles }, where, ms },
    assistants: [],
  };
}

/** The sessions, whose pages have another key in this variant. */
function sessionsIn(value: unknown): Record<string, unknown> {
  const sessions = isRecord(value) ? value : {};
  return Object.fromEntries(
    Object.entries(sessions).map(([id, session]) => [
      id,
      isRecord(session) ? { ...session, details: session.pages_backup } : session,
    ]),
  );
}
