import type { Conversation } from '../../model/exchange.js';

/** What a history has to say of what it could not give. */
export interface HistoryReport {
  /** `where` names file and place; `content` shows what it is. */
  leaveOut(reason: string, where: string, content?: string): void;
  /** How much of the source was read, in [0, 1]. */
  progress(share: number): void;
}

/** A kind of history we can read. */
export interface History {
  /** As in `--from <source>` and in the origin of the pages. */
  readonly source: string;
  /** As people call it. */
  readonly title: string;
  /** Reads a file or folder. Throws INPUT_INVALID when it is of another kind, else as reading does. */
  read(path: string, report: HistoryReport): AsyncIterable<Conversation>;
  /**
   * Whether agents may have stored the same exchanges themselves, by hooks or tools; each is then compared with
   * what is there.
   */
  readonly isOfAgents?: true;
}
