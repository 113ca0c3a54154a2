import type { Exchange } from '../../model/exchange.js';

/** What a hook needs of a memory. Every call may throw a MemoryError. */
export interface HookMemory {
  /** What an agent should know when a session starts, as text for a model; '' when there is nothing. */
  opening(asked: { project: string | null; tokensMax: number }): Promise<string>;
  /** What fits a prompt, as text for a model; '' when nothing does. */
  fitting(asked: FittingQuestion): Promise<{ text: string; ids: readonly string[] }>;
  /** Stores exchanges that are not stored yet. */
  store(exchanges: readonly Exchange[]): Promise<void>;
}

export interface FittingQuestion {
  readonly prompt: string;
  readonly project: string | null;
  /** The session the prompt belongs to: its own pages are before the agent's eyes. */
  readonly session: string;
  /** Pages and facts the session has been shown. */
  readonly shown: ReadonlySet<string>;
  readonly tokensMax: number;
}
