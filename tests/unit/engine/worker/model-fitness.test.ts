import { expect, it } from 'vitest';
import { ModelFitness } from '../../../../src/engine/worker/model-fitness.js';
import { MemoryError } from '../../../../src/model/errors.js';
import { oneTopic, scriptedAnalyser } from '../../../support/scripted-analyser.js';
import { worker } from '../../../support/worker.js';

it('does not use a model that has done no job, at once and for longer each time', () => {
  const fitness = new ModelFitness();
  expect(fitness.unfitUntilMs(0)).toBeNull();
  fitness.failed(0, 1000);
  expect(fitness.unfitUntilMs(999)).toBe(1000);
  expect(fitness.unfitUntilMs(1000)).toBeNull();
  fitness.failed(1000, 1000);
  expect(fitness.unfitUntilMs(1000)).toBe(3000);
});

it('permits two failures in a row to a model that has done a job', () => {
  const fitness = new ModelFitness();
  fitness.didWell();
  fitness.failed(0, 1000);
  fitness.failed(0, 1000);
  expect(fitness.unfitUntilMs(0)).toBeNull();
  fitness.failed(0, 1000);
  expect(fitness.unfitUntilMs(0)).toBe(1000);
});

it('gives every job to the built-in analyser at once while the model is unfit, and later tries it again', async () => {
  const unusable = () => new MemoryError('MODEL_CONTENT', 'gave an answer that cannot be used');
  const model = scriptedAnalyser('model', [unusable, oneTopic('m', ['m'], 'model')]);
  const fallback = scriptedAnalyser('builtin', [oneTopic('b', ['b'], 'builtin')]);
  const { worker: background, add, store, time } = await worker(model, { fallback });
  await add(10);
  await background.drain(true);
  expect(model.asked.batches).toHaveLength(1);
  expect([...store.state.segments.values()].every(({ head }) => head.analysed_by === 'builtin')).toBe(true);
  time.nowMs += 24 * 3_600_000;
  await add(2);
  await background.drain(true);
  expect(model.asked.batches.length).toBeGreaterThan(1);
});
