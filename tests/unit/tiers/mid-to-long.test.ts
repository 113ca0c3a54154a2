import { expect, it } from 'vitest';
import { applyOperation } from '../../../src/model/apply-operation.js';
import { emptyState } from '../../../src/model/user-state.js';
import { createBuiltinEmbedder } from '../../../src/retrieval/builtin-embedder.js';
import {
  commitPromotion,
  needOfPromotion,
  needOfPromotionCommit,
  planPromotion,
} from '../../../src/tiers/mid-to-long.js';
import { slices } from '../../support/on-store.js';
import { samplePage, sampleSegment } from '../../support/samples.js';
import { factsOfPages, scriptedAnalyser } from '../../support/scripted-analyser.js';

it('discards a plan whose page was forgotten meanwhile, so that no fact of it is stored', async () => {
  const state = emptyState();
  const { head } = sampleSegment();
  const secret = samplePage({ user_input: 'a secret' });
  applyOperation(state, { op: 'segment_put', head });
  for (const page of [samplePage(), secret])
    applyOperation(state, { op: 'page_added', page, segment_id: head.id });
  const segment = state.segments.get(head.id);
  if (segment === undefined) throw new Error('There is no segment.');
  const context = {
    analyser: scriptedAnalyser('scripted', [], [factsOfPages()]),
    embedder: createBuiltinEmbedder(),
    capacityFacts: 100,
    signal: new AbortController().signal,
  };
  const plan = await planPromotion(slices(state, needOfPromotion(segment.head.id)), segment, context);
  applyOperation(state, { op: 'page_forgotten', page_id: secret.id });
  expect(() => commitPromotion(slices(state, needOfPromotionCommit(plan)), plan, 100, 0)).toThrow(
    /analysed again/,
  );
  const again = await planPromotion(slices(state, needOfPromotion(segment.head.id)), segment, context);
  for (const operation of commitPromotion(slices(state, needOfPromotionCommit(again)), again, 100, 0))
    applyOperation(state, operation);
  expect(state.userKnowledge.map((fact) => fact.page_ids)).toEqual([[segment.pages[0]?.id]]);
  expect(JSON.stringify(state.userKnowledge)).not.toContain('secret');
});
