import type { UserId } from '../model/ids.js';

export interface BackupEntry {
  /** The name of its file, which names it in this API. */
  readonly name: string;
  /** `asked`, `daily` or `before-restore`. */
  readonly kind: string;
  /** ISO 8601, UTC. */
  readonly made_at: string;
}

/** What an import brought, and what not. */
export interface ImportOutcome {
  /** The program and the file it comes from. */
  readonly from: string;
  readonly counts: Readonly<
    Record<'pages' | 'segments' | 'facts' | 'traits' | 'known' | 'forgotten', number>
  >;
  /** What was left out, in sentences. */
  readonly notes: readonly string[];
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
  /**
   * Takes in an export, a backup, or the history of another program; what is there stays. Throws INPUT_INVALID,
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
