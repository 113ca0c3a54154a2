/**
 * The types of the API's requests and answers, for callers. Only types, so nothing of the server is loaded.
 */

export type { ListedExchange as Exchange, TimelineResult } from '../engine/memory-engine.js';
export type { DayCount } from '../engine/presenting/day-counts.js';
export type { LoggedChange } from '../model/change-log.js';
export type { Fact } from '../model/knowledge.js';
export type { Trait } from '../model/profile.js';
export type {
  ForgetResult,
  RetrievedFact,
  RetrievedPage,
  RetrieveResult,
  SegmentSummary,
  StatsResult,
  UpdateResult,
} from '../model/results.js';
export type { BackupEntry, ImportOutcome } from './operations.js';
