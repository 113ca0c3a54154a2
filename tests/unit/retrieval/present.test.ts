import { expect, test } from 'vitest';
import { newFactId, newPageId } from '../../../src/model/ids.js';
import type { RetrievedFact, RetrievedPage, RetrieveResult, ShownPage } from '../../../src/model/results.js';
import { present, tokensOfText } from '../../../src/retrieval/present.js';

const text = 'some words that take their room in the answer';
const shown = (user_input: string, timestamp: string): ShownPage => ({
  page_id: newPageId(Date.now()),
  user_input,
  agent_response: text,
  timestamp,
  meta_info: '',
  meta_data: {},
});
const found = (name: string, day: number, score: number): RetrievedPage => ({
  ...shown(name, `2023-05-0${day}T10:00:00.000Z`),
  segment_id: null,
  chain_id: null,
  score,
  source: 'mid_term',
  signals: {},
});
const fact = (knowledge: string, score: number): RetrievedFact => ({
  fact_id: newFactId(Date.now()),
  knowledge: `${knowledge} ${text}`,
  timestamp: '2023-05-01T10:00:00.000Z',
  page_ids: [],
  current: true,
  score,
});
const answer: RetrieveResult = {
  status: 'success',
  query: 'q',
  timestamp: '2023-06-01T10:00:00.000Z',
  guidance: '',
  user_profile: `Openness: High ${text}`,
  short_term_memory: [1, 2].map((day) => shown(`recent ${day}`, `2023-05-3${day - 1}T10:00:00.000Z`)),
  short_term_count: 2,
  retrieved_pages: [
    found('best', 9, 1),
    found('near', 3, 0.8),
    found('middling', 8, 0.5),
    found('far', 1, 0.1),
  ],
  retrieved_user_knowledge: [fact('strong', 1), fact('weak', 0.05)],
  retrieved_assistant_knowledge: [fact('other', 0.3)],
  total_pages_found: 40,
  total_user_knowledge_found: 12,
  total_assistant_knowledge_found: 5,
  notices: [],
};

const names = ({ retrieved_pages }: RetrieveResult) => retrieved_pages.map((page) => page.user_input);

test('pages stand by time within groups of like relevance, the most relevant group first', () => {
  expect(names(present(answer))).toEqual(['near', 'best', 'middling', 'far']);
});

test('a budget leaves out the least useful first, whatever list it is in, and the totals stay', () => {
  const all = tokensOfText(JSON.stringify(answer));
  const kept = [0.9, 0.8, 0.7, 0.6, 0.4, 0.2].map((share) => present(answer, Math.round(all * share)));
  const entries = kept.map((result) => [
    ...names(result),
    ...[...result.retrieved_user_knowledge, ...result.retrieved_assistant_knowledge].map(
      ({ knowledge }) => knowledge.split(' ')[0],
    ),
  ]);
  const usefulness = ['weak', 'far', 'other', 'middling', 'near', 'best', 'strong'];
  for (const left of entries) {
    const gone = usefulness.filter((name) => !left.includes(name));
    expect(gone).toEqual(usefulness.slice(0, gone.length));
  }
  expect(entries[0]).not.toContain('weak');
  expect(entries[3]?.length).toBeLessThan(entries[0]?.length ?? 0);
  expect(entries[2]).toContain('best');
  for (const result of kept) {
    expect(result).toMatchObject({
      total_pages_found: 40,
      total_user_knowledge_found: 12,
      total_assistant_knowledge_found: 5,
      short_term_count: 2,
    });
    expect(result.notices.join()).toMatch(/\d+ entries were left out/);
  }
  expect(tokensOfText(JSON.stringify(kept[1]))).toBeLessThanOrEqual(Math.round(all * 0.8) + 20);
});

test('a budget that all fits in changes nothing', () => {
  expect(present(answer, 100_000)).toEqual(present(answer));
});
