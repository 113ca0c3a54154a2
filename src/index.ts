export { createMemory, type MemoryOptions } from './app/create-memory.js';
export type {
  AddInput,
  ForgetInput,
  MemoryChange,
  MemoryEngine as Memory,
  NotedFact,
  ProfileInput,
  RespondInput,
  RetrieveInput,
  SegmentDetail,
  UpdateInput,
} from './engine/memory-engine.js';
export type { ChangeSource, LoggedChange } from './model/change-log.js';
export { MemoryError, type MemoryErrorCode } from './model/errors.js';
export type { Fact } from './model/knowledge.js';
export type { Page } from './model/page.js';
export type { Trait } from './model/profile.js';
export type {
  AddResult,
  ConsolidationResult,
  ForgetResult,
  ProfileResult,
  RetrievedFact,
  RetrievedPage,
  RetrieveResult,
  SegmentSummary,
  ShownFact,
  ShownPage,
  StatsResult,
  UpdateResult,
} from './model/results.js';
