import type { UserId } from '../model/ids.js';

export interface BackupEntry {
  /** The backup's file name, which identifies it in this API. */
  readonly name: string;
  /** `asked`, `daily` or `before-restore`. */
  readonly kind: string;
  /** ISO 8601, UTC. */
  readonly made_at: string;
}

/** The result of an import. */
export interface ImportOutcome {
  /** The source program and file. */
  readonly from: string;
  readonly counts: Readonly<
    Record<'pages' | 'segments' | 'facts' | 'traits' | 'known' | 'forgotten', number>
  >;
  /** What was skipped, as sentences. */
  readonly notes: readonly string[];
}

/** Operations on the server's settings and files. */
export interface Operations {
  readonly version: string;
  /** The configuration in the form that this user may see, without secrets. */
  settings(userId: UserId, isLocal: boolean): Readonly<Record<string, unknown>>;
  /** Problems of the stored memory, as sentences; empty when there are none. */
  problems(userId: UserId): Promise<readonly string[]>;
  /** Newest first. */
  backups(userId: UserId): Promise<readonly BackupEntry[]>;
  backUp(userId: UserId): Promise<BackupEntry>;
  /** Replaces the present memory, after making a backup of it. Throws NOT_FOUND, INPUT_INVALID. */
  restore(userId: UserId, name: string): Promise<{ readonly pages: number; readonly facts: number }>;
  /**
   * Imports an export, a backup, or another program's history; existing memories stay. Throws INPUT_INVALID,
   * CANCELLED, STORE_….
   */
  importFile(
    userId: UserId,
    file: string,
    options: { readonly progress: (share: number | undefined) => void; readonly signal: AbortSignal },
  ): Promise<ImportOutcome>;
  /** The lines of an export. */
  exported(userId: UserId): Promise<NodeJS.ReadableStream>;
}
