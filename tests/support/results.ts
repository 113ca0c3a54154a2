import { nothingFound } from '../../src/engine/presenting/retrieve-result.js';
import type { ProfileResult, RetrieveResult, StatsResult } from '../../src/model/results.js';

/** The statistics of an empty memory. */
export const emptyStats: StatsResult = {
  status: 'success',
  timestamp: '2026-06-01T12:00:00.000Z',
  user_id: 'alice',
  assistant_id: 'helper',
  short_term: { pages: 0, capacity: 10 },
  mid_term: { segments: 0, pages: 0, capacity: 2000, hottest_heat: null },
  long_term: { traits: 0, user_facts: 0, assistant_facts: 0, superseded_facts: 0, capacity: 100 },
  archive: { segments: 0, pages: 0 },
  analysis: {
    analyser: 'builtin',
    pages_waiting: 0,
    segments_waiting: 0,
    waiting_since: null,
    paused: false,
    last_error: null,
    next_try_at: null,
    rejected: {},
    llm: null,
  },
  index: { embedder: 'builtin', dimensions: 256, vectors: 0, vectors_missing: 0, last_error: null },
  notices: [],
};

/** The answer to a question that finds nothing in an empty memory. */
export const emptyRetrieval: RetrieveResult = {
  status: 'success',
  query: 'q',
  timestamp: '2026-06-01T12:00:00.000Z',
  guidance: '',
  ...nothingFound,
  notices: [],
};

/** A profile with one trait and no facts. */
export const sampleProfile: ProfileResult = {
  status: 'success',
  timestamp: '2026-06-01T12:00:00.000Z',
  user_id: 'alice',
  assistant_id: 'helper',
  user_profile: 'Openness: High',
  analyser: 'builtin',
  user_knowledge: [],
  user_knowledge_count: 0,
  notices: [],
};
