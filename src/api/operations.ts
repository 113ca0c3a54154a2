import type { UserId } from '../model/ids.js';

export interface BackupEntry {
  /** The name of its file, which names it in this API. */
  readonly name: string;
  /** `asked`, `daily` or `before-restore`. */
  readonly kind: string;
  /** ISO 8601, UTC. */
  readonly made_at: string;
}

/** What the pages need beyond one memory's own methods: the server's settings and its files. */
export interface Operations {
  readonly version: string;
  /** The configuration as it may be shown to this user: no secrets. */
  settings(userId: UserId, isLocal: boolean): Readonly<Record<string, unknown>>;
  /** What is wrong with the stored memory, in sentences. Empty: nothing is. */
  problems(userId: UserId): Promise<readonly string[]>;
  /** Newest first. */
  backups(userId: UserId): Promise<readonly BackupEntry[]>;
  backUp(userId: UserId): Promise<BackupEntry>;
  /** Takes the place of what is there, of which a backup is made first. Throws NOT_FOUND, INPUT_INVALID. */
  restore(userId: UserId, name: string): Promise<{ readonly pages: number; readonly facts: number }>;
  /** The lines of an export. */
  exported(userId: UserId): Promise<NodeJS.ReadableStream>;
}
