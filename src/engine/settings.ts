import type { HeatWeights } from '../tiers/heat.js';

/** How often who follows a memory looks for what other processes wrote. */
export const lookEveryMs = 1500;
/** The same where the store tells of it. */
export const watchedLookEveryMs = 30_000;

/** What the engine decides by. Every key stands in docs/configuration.md. */
export interface EngineSettings {
  readonly shortTermCapacityPages: number;
  readonly midTermCapacitySegments: number;
  readonly knowledgeCapacityFacts: number;
  /** Pages a retrieval returns when the caller does not say. */
  readonly retrievalQueueCapacityPages: number;
  /** Tokens an answer has at most when the caller does not say. */
  readonly answerTokensMax: number;
  /** Pages and facts less likely to help are not found; null for the fitted floor. */
  readonly relevanceMin: number | null;
  /** By whose days "yesterday" is read, such as "Europe/Berlin". */
  readonly timeZone: string;
  /** Keys, tokens, passwords and card numbers in what is said are left out before anything is kept. */
  readonly redactsSecrets: boolean;
  readonly heatMin: number;
  readonly similarityMin: number;
  readonly heatWeights: HeatWeights;
  /** First pause after an analysis failed; doubles up to `retryMaxMs`. */
  readonly retryBaseMs: number;
  readonly retryMaxMs: number;
}
