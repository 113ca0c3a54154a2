import type { AnalysisTrouble, Operation } from './operation.js';

/**
 * An unfinished purge: the tiers have forgotten something that older files still hold. It is part of the state, so a
 * crash does not lose it. The state and the files keep it among the troubles; all other code uses
 * these functions.
 */
export const purgeJob = 'purge';

type Troubles = ReadonlyMap<string, AnalysisTrouble>;

export function isPurging(troubles: Troubles): boolean {
  return troubles.has(purgeJob);
}

/** The failed analyses: all troubles but the purge. */
export function failedAnalyses(troubles: Troubles): Map<string, AnalysisTrouble> {
  return new Map([...troubles].filter(([job]) => job !== purgeJob));
}

export function purgeBegun(at: string): Operation {
  return {
    op: 'analysis_failed',
    trouble: {
      job: purgeJob,
      attempts: 1,
      content_failures: 0,
      last_error: 'Forgotten pages are being removed from old files.',
      failed_at: at,
      next_try_at: null,
    },
  };
}

/** Ends the purge, if one is unfinished. */
export function purgeDone(isUnfinished: boolean): Operation[] {
  return isUnfinished ? [{ op: 'analysis_recovered', job: purgeJob }] : [];
}
