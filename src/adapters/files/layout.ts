import { join } from 'node:path';
import { MemoryError } from '../../model/errors.js';
import { type AssistantId, type SegmentId, toUserId, type UserId } from '../../model/ids.js';

const nameBytesMax = 200;
const reserved = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/;

/**
 * Encodes an id as a file name that is valid on every file system. a-z 0-9 . _ @ - stay. Everything else
 * becomes %XX of its UTF-8 bytes, including capitals (file systems may ignore case), a dot at either end, and
 * the first letter of names that Windows reserves. Throws ID_INVALID when the name would be too long.
 */
export function encodeId(id: string): string {
  let name = '';
  for (const byte of Buffer.from(id, 'utf8')) {
    const character = String.fromCharCode(byte);
    name += /[a-z0-9._@-]/.test(character) ? character : escaped(byte);
  }
  if (name.startsWith('.')) name = `${escaped(0x2e)}${name.slice(1)}`;
  if (name.endsWith('.')) name = `${name.slice(0, -1)}${escaped(0x2e)}`;
  if (reserved.test(name)) name = `${escaped(name.charCodeAt(0))}${name.slice(1)}`;
  if (name.length <= nameBytesMax) return name;
  throw new MemoryError(
    'ID_INVALID',
    `The id ${JSON.stringify(id.slice(0, 40))}… takes ${name.length} bytes as a file name; at most ${nameBytesMax} are allowed. Use a shorter id.`,
  );
}

/** Decodes a file name to its id; null when no id has this name. */
export function decodeId(name: string): string | null {
  try {
    const id = decodeURIComponent(name);
    return encodeId(id) === name ? id : null;
  } catch {
    return null;
  }
}

function escaped(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

/** Version of a segment file: the epoch and the transaction that it reflects. */
export interface Version {
  readonly epoch: number;
  readonly seq: number;
}

export function isOlder(a: Version, b: Version): boolean {
  return a.epoch < b.epoch || (a.epoch === b.epoch && a.seq < b.seq);
}

/** The paths of one user's files. */
export interface Layout {
  readonly root: string;
  /** `users/<user>`, for messages. */
  readonly shown: string;
  readonly shortTerm: string;
  readonly longTerm: string;
  readonly assistants: string;
  readonly midTerm: string;
  readonly lease: string;
  readonly queue: string;
  /** File that records how far the log had come at the last acknowledgement. */
  readonly mark: string;
  /** The log of an epoch while it may be appended to. */
  journal(epoch: number): string;
  /** The name of the log once further appends no longer count. */
  sealed(epoch: number): string;
  /**
   * The lock of an epoch. A level above 0 means that the lock was taken over from an owner that had ended or
   * stopped responding.
   */
  lock(epoch: number, level: number): string;
  assistant(id: AssistantId): string;
  /**
   * A purge begins a new generation of the archive. The first line of the log names the current
   * generation.
   */
  archive(generation: number): string;
  segmentFolder(id: SegmentId): string;
  segment(id: SegmentId, version: Version): string;
}

export function usersFolder(dataDir: string): string {
  return join(dataDir, 'users');
}

export function layoutOf(dataDir: string, userId: UserId): Layout {
  const name = encodeId(userId);
  const root = join(usersFolder(dataDir), name);
  const midTerm = join(root, 'mid_term');
  const assistants = join(root, 'assistants');
  return {
    root,
    shown: `users/${name}`,
    shortTerm: join(root, 'short_term.json'),
    longTerm: join(root, 'long_term_user.json'),
    assistants,
    midTerm,
    lease: join(root, 'migration.lease'),
    queue: join(root, 'queue'),
    mark: join(root, 'log.mark'),
    journal: (epoch) => join(root, `journal.${epoch}.jsonl`),
    sealed: (epoch) => join(root, `journal.${epoch}.sealed.jsonl`),
    lock: (epoch, level) => join(root, `lock.${epoch}.${level}`),
    archive: (generation) => join(root, archiveName(generation)),
    assistant: (id) => join(assistants, `${encodeId(id)}.json`),
    segmentFolder: (id) => join(midTerm, id),
    segment: (id, { epoch, seq }) => join(midTerm, id, `segment.${epoch}-${seq}.json`),
  };
}

/** The user that a folder below `users` belongs to; null for other folders. */
export function userOfFolder(name: string): UserId | null {
  const id = decodeId(name);
  if (id === null) return null;
  try {
    return toUserId(id);
  } catch {
    return null;
  }
}

export function archiveName(generation: number): string {
  return generation === 0 ? 'archive.jsonl' : `archive.${generation}.jsonl`;
}

export function parseArchiveName(name: string): number | null {
  const match = /^archive(?:\.([1-9][0-9]{0,14}))?\.jsonl$/.exec(name);
  return match === null ? null : Number(match[1] ?? 0);
}

export function parseJournalName(name: string): { epoch: number; sealed: boolean } | null {
  const match = /^journal\.([1-9][0-9]{0,14})\.(sealed\.)?jsonl$/.exec(name);
  return match === null ? null : { epoch: Number(match[1]), sealed: match[2] !== undefined };
}

export function parseLockName(name: string): { epoch: number; level: number } | null {
  const match = /^lock\.([0-9]{1,15})\.([0-9]{1,6})$/.exec(name);
  return match === null ? null : { epoch: Number(match[1]), level: Number(match[2]) };
}

export function parseSegmentName(name: string): Version | null {
  const match = /^segment\.([0-9]{1,15})-([0-9]{1,15})\.json$/.exec(name);
  return match === null ? null : { epoch: Number(match[1]), seq: Number(match[2]) };
}
