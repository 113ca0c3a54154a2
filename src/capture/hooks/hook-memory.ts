import type { Exchange } from '../../model/exchange.js';

/** The memory functions that hooks use. Every call may throw a MemoryError. */
export interface HookMemory {
  /** What an agent should know when a session starts, as text for a model; '' when there is nothing. */
  opening(asked: { project: string | null; tokensMax: number }): Promise<string>;
  /** Memories that match a prompt, as text for a model; '' when there are none. */
  fitting(asked: FittingQuestion): Promise<{ text: string; ids: readonly string[] }>;
  /** Stores the exchanges that are not stored yet. */
  store(exchanges: readonly Exchange[]): Promise<void>;
}

export interface FittingQuestion {
  readonly prompt: string;
  readonly project: string | null;
  /** The session of the prompt. The agent already sees the session's own pages. */
  readonly session: string;
  /** Pages and facts that the session has already been shown. */
  readonly shown: ReadonlySet<string>;
  readonly tokensMax: number;
}
