import type { Conversation } from '../../model/exchange.js';

/** Receives what a history could not import, and its progress. */
export interface HistoryReport {
  /** `where` names the file and the position; `content` shows what was skipped. */
  leaveOut(reason: string, where: string, content?: string): void;
  /** The share of the source read so far, in [0, 1]. */
  progress(share: number): void;
}

/** A kind of history that can be imported. */
export interface History {
  /** The name used in `--from <source>` and in the origin of pages. */
  readonly source: string;
  /** The name for people. */
  readonly title: string;
  /** Reads a file or folder. Throws INPUT_INVALID when it is of another kind, and errors of reading. */
  read(path: string, report: HistoryReport): AsyncIterable<Conversation>;
  /**
   * True when agents may already have stored the same exchanges through hooks or tools. Each exchange is then
   * compared with the stored ones.
   */
  readonly isOfAgents?: true;
}
