import type { MemoryEngine } from '../engine/memory-engine.js';
import type { ProjectSource } from './client-project.js';
import type { RecentlyStored } from './recently-stored.js';

export type McpLogLevel = 'debug' | 'info' | 'warning' | 'error';

/** Reports what a person should see. Messages never contain what a user said. */
export type McpLog = (level: McpLogLevel, message: string) => void;

export interface McpServerOptions {
  readonly version: string;
  /** Opens the memory at the first call, and again after a call that failed. */
  readonly engine: () => Promise<MemoryEngine>;
  readonly log: McpLog;
  /** Maximum size of every result. */
  readonly answerBytesMax: number;
  /** The configuration without keys and tokens, for `memoryos://config`. */
  readonly shownConfig: Readonly<Record<string, unknown>>;
  readonly project: ProjectSource;
  /** The pages that the client stored itself. Absent: the session keeps its own list. */
  readonly recentlyStored?: RecentlyStored | undefined;
  /** Called after `tools/list` was answered, as a good time to load heavy modules. */
  readonly onListed?: (() => void) | undefined;
}

/** State shared by the parts of one session's server. */
export interface McpSession extends Omit<McpServerOptions, 'project'> {
  /** Like the option. The first call also subscribes the session to changes. */
  readonly engine: () => Promise<MemoryEngine>;
  /** The project of this session, for calls that name none. */
  readonly project: () => Promise<string | undefined>;
}
