import type { EngineSettings } from '../../src/engine/settings.js';

/** Settings of an engine with small tiers; `change`: the settings that a test needs. */
export function engineSettings(change: Partial<EngineSettings> = {}): EngineSettings {
  return {
    shortTermCapacityPages: 4,
    midTermCapacitySegments: 100,
    knowledgeCapacityFacts: 100,
    retrievalQueueCapacityPages: 7,
    answerTokensMax: 1200,
    relevanceMin: null,
    timeZone: 'UTC',
    redactsSecrets: true,
    worksInBackground: true,
    heatMin: 3,
    similarityMin: 0.6,
    heatWeights: { alpha: 1, beta: 1, gamma: 1, recencyTauMs: 86_400_000 },
    retryBaseMs: 1000,
    retryMaxMs: 60_000,
    ...change,
  };
}
