export { createMemory, type MemoryOptions } from './app/create-memory.js';
export type {
  AddInput,
  ForgetInput,
  MemoryChange,
  MemoryEngine as Memory,
  ProfileInput,
  RespondInput,
  RetrieveInput,
  SegmentDetail,
} from './engine/memory-engine.js';
export { MemoryError, type MemoryErrorCode } from './model/errors.js';
export type { Fact } from './model/knowledge.js';
export type { Page } from './model/page.js';
export type { Trait } from './model/profile.js';
export type {
  AddResult,
  ForgetResult,
  ProfileResult,
  RetrievedFact,
  RetrievedPage,
  RetrieveResult,
  SegmentSummary,
  ShownFact,
  ShownPage,
  StatsResult,
} from './model/results.js';
