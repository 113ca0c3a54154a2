import type { Exchange } from '../../model/exchange.js';

/** The memory functions that hooks use. Every call may throw a MemoryError. */
export interface HookMemory {
  /** What an agent should know when a session starts. */
  opening(asked: OpeningQuestion): Promise<Told>;
  /** Memories that match a prompt. */
  fitting(asked: FittingQuestion): Promise<Told>;
  /** Stores the exchanges that are not stored yet. */
  store(exchanges: readonly Exchange[]): Promise<void>;
}

/** Text for a model, '' when there is nothing, and the pages and facts that it shows. */
export interface Told {
  readonly text: string;
  readonly ids: readonly string[];
}

export interface OpeningQuestion {
  readonly project: string | null;
  readonly tokensMax: number;
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
