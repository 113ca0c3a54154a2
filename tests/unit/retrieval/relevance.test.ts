import { describe, expect, it } from 'vitest';
import { Coverage, noFeatures, noQuestion } from '../../../src/retrieval/features.js';
import { PageIndex } from '../../../src/retrieval/index/page-index.js';
import { readQuery } from '../../../src/retrieval/query.js';
import { floorFor, neverRising, relevanceModel, relevancesOf } from '../../../src/retrieval/relevance.js';
import { makePage } from '../../support/records.js';

const nowMs = Date.parse('2026-03-10T12:00:00.000Z');

describe('relevance', () => {
  it('of a page is the chance of the question times the chance of the page', () => {
    const model = {
      relevanceMin: 0,
      answeredMin: 0,
      question: { bias: 0, weights: {} },
      page: { bias: 0, weights: { own: 2 } },
    };
    const [plain, better] = relevancesOf(noQuestion, [noFeatures, { ...noFeatures, own: 1 }], model);
    expect(plain).toBeCloseTo(0.25);
    expect(better).toBeCloseTo(0.5 / (1 + Math.exp(-2)));
  });

  it('of a weak match is lower beside a good one', () => {
    const model = {
      relevanceMin: 0,
      answeredMin: 0,
      question: { bias: 0, weights: {} },
      page: { bias: 0, weights: { lateNear: 4, best: -3 } },
    };
    const weak = { ...noFeatures, lateNear: 0.4 };
    const [beside] = relevancesOf({ ...noQuestion, lateNear: 0.9 }, [weak], model);
    const [alone] = relevancesOf({ ...noQuestion, lateNear: 0.4 }, [weak], model);
    expect(beside).toBeLessThan(alone ?? 0);
    expect(relevanceModel('pieces').page.weights.best).toBeLessThan(0);
  });

  it('is below the floor for every page when the memory hardly has an answer, unless the caller asks for the nearest pages', () => {
    const model = {
      relevanceMin: 0.02,
      answeredMin: 0.4,
      question: { bias: -2, weights: { own: 4 } },
      page: { bias: 0, weights: {} },
    };
    const unlikely = noQuestion;
    const likely = { ...noQuestion, own: 1 };
    expect(floorFor('fitted', likely, model)).toBe(0.02);
    expect(floorFor('fitted', unlikely, model)).toBeGreaterThan(1);
    expect(floorFor(0.3, unlikely, model)).toBeGreaterThan(1);
    expect(floorFor(0.3, likely, model)).toBe(0.3);
    expect(floorFor(0.01, unlikely, model)).toBe(0.01);
    expect(floorFor('fitted', null, model)).toBe(0.02);
    // "Thanks" asks for nothing, so no page answers it.
    expect(floorFor('fitted', { ...likely, idle: 1 }, model)).toBeGreaterThan(1);
    expect(relevancesOf({ ...likely, idle: 1 }, [noFeatures], model)).toEqual([0]);
  });

  it('never rises along the ranking, and keeps its sum', () => {
    const given = [0.5, 0.2, 0.4, 0.1, 0.3, 0.05];
    const kept = neverRising(given);
    expect([...kept].sort((a, b) => b - a)).toEqual(kept);
    expect(kept.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1.55);
    expect(neverRising([0.9, 0.5, 0.1])).toEqual([0.9, 0.5, 0.1]);
  });

  it('reports which words of a question no page has, and which of these are names', () => {
    const index = new PageIndex();
    for (const text of ['The kettle leaks', 'We sold the boat', 'The boat was blue'])
      index.add(makePage(text));
    const covers = (text: string) => {
      const { informative, form } = readQuery(text, nowMs, 'UTC', index);
      return new Coverage(informative, index, form);
    };
    expect(covers('Does the kettle leak?').unknown).toEqual({ unknown: 0, strange: 0 });
    const mixed = covers('Was the kettle sold in Zanzibar?').unknown;
    expect(mixed.unknown).toBeGreaterThan(0);
    expect(mixed.unknown).toBeLessThan(1);
    // One unknown name counts fully, however many known words there are.
    expect(mixed.strange).toBe(1);
    expect(covers('was the kettle rusty').unknown.strange).toBe(0);
    // In German, every noun begins with a capital letter, like a name.
    expect(covers('In welchen Bergen haben wir das gesehen?').unknown).toMatchObject({ strange: 0 });
    const own = covers('the blue boat');
    index.order.link();
    expect(own.of(2, []).own).toBe(1);
    expect(own.of(1, []).own).toBeLessThan(1);
    expect(own.of(0, []).own).toBe(0);
  });

  it('measures the size of a memory by its words, not by its pages', () => {
    const sizeOf = (pages: number, wordsEach: number) => {
      const index = new PageIndex();
      for (let i = 0; i < pages; i++) index.add(makePage('kettle '.repeat(wordsEach)));
      const { informative, form } = readQuery('Does the kettle leak?', nowMs, 'UTC', index);
      return new Coverage(informative, index, form).size;
    };
    expect(sizeOf(40, 1)).toBe(0);
    expect(sizeOf(40, 20)).toBeGreaterThan(0);
    expect(sizeOf(40, 20)).toBeCloseTo(sizeOf(4, 200), 1);
    expect(sizeOf(40, 20)).toBeLessThan(sizeOf(40, 30));
    expect(sizeOf(10, 1500)).toBe(1);
  });
});
