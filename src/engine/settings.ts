import type { HeatWeights } from '../tiers/heat.js';

/** How often a process checks for changes that other processes wrote. */
export const checkEveryMs = 1500;
/** The same when the store announces changes. */
export const watchedPollEveryMs = 30_000;

/** The engine's settings. docs/configuration.md describes every key. */
export interface EngineSettings {
  readonly shortTermCapacityPages: number;
  readonly midTermCapacitySegments: number;
  readonly knowledgeCapacityFacts: number;
  /** Default number of pages in a retrieval. */
  readonly retrievalQueueCapacityPages: number;
  /** Default token budget of an answer. */
  readonly answerTokensMax: number;
  /** Minimum relevance of pages and facts; null for the fitted threshold. */
  readonly relevanceMin: number | null;
  /** The time zone in which "yesterday" is understood, such as "Europe/Berlin". */
  readonly timeZone: string;
  /** Whether keys, tokens, passwords and card numbers are removed before anything is stored. */
  readonly redactsSecrets: boolean;
  /** Whether this process analyses the memories it has open; otherwise only when asked to (`flush`). */
  readonly worksInBackground: boolean;
  readonly heatMin: number;
  readonly similarityMin: number;
  readonly heatWeights: HeatWeights;
  /** First pause after an analysis failed; doubles up to `retryMaxMs`. */
  readonly retryBaseMs: number;
  readonly retryMaxMs: number;
}
