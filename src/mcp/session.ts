import type { MemoryEngine } from '../engine/memory-engine.js';
import type { ProjectSource } from './client-project.js';
import type { ToldLately } from './told-lately.js';

export type McpLogLevel = 'debug' | 'info' | 'warning' | 'error';

/** Where the server says what a person should see. Never holds what a user said. */
export type McpLog = (level: McpLogLevel, message: string) => void;

export interface McpServerOptions {
  readonly version: string;
  /** Opens the memory at the first call, and again after a call that failed. */
  readonly engine: () => Promise<MemoryEngine>;
  readonly log: McpLog;
  /** No result is larger, whatever was asked. */
  readonly answerBytesMax: number;
  /** The configuration without keys and tokens, for `memoryos://config`. */
  readonly shownConfig: Readonly<Record<string, unknown>>;
  readonly project: ProjectSource;
  /** What the client stored itself. Left out: a list of this session's own. */
  readonly told?: ToldLately | undefined;
  /** Called after `tools/list` was answered: the time to load what is heavy. */
  readonly onListed?: (() => void) | undefined;
}

/** What the parts of one session's server share. */
export interface McpSession extends Omit<McpServerOptions, 'project'> {
  /** As in the options; from the first time on the session hears of changes. */
  readonly engine: () => Promise<MemoryEngine>;
  /** The project this session works in, for calls that name none. */
  readonly project: () => Promise<string | undefined>;
}
