import { describe, expect, it } from 'vitest';
import { outlineOf } from '../../../src/model/segment.js';
import {
  byMeaning,
  byWords,
  joined,
  normaliseKeywords,
  segmentsToJoin,
  similarity,
  type Topic,
} from '../../../src/tiers/join.js';
import { samplePage, sampleSegment } from '../../support/samples.js';

const east = new Float32Array([1, 0]);
const north = new Float32Array([0, 1]);
const topic: Topic = {
  theme: 'garden',
  keywords: new Set(['garden', 'rose']),
  content: 'Roses.',
  vector: east,
};

it('compares keywords without regard to case', () => {
  expect(normaliseKeywords([' Garden', 'GARDEN', '', 'Rose'])).toEqual(['garden', 'rose']);
});

it('is cosine plus Jaccard', () => {
  const { head } = sampleSegment({ keywords: ['garden', 'tomato'] });
  expect(similarity(head, 1, topic)).toBeCloseTo(1 + 1 / 3, 6);
  expect(similarity(head, 0, topic)).toBeCloseTo(1 / 3, 6);
});

it('returns the segments at or above the threshold, best first', () => {
  const near = sampleSegment({ keywords: [] });
  const far = sampleSegment({ keywords: ['garden'] });
  const vectors = new Map([
    [near.head, east],
    [far.head, north],
  ]);
  const nearness = byMeaning(({ head }) => vectors.get(head));
  expect(segmentsToJoin(topic, [far, near].map(outlineOf), nearness, 0.5)).toEqual(
    [near, far].map(outlineOf),
  );
  expect(segmentsToJoin(topic, [far, near].map(outlineOf), nearness, 0.6)).toEqual([near].map(outlineOf));
  expect(segmentsToJoin(topic, [far].map(outlineOf), nearness, 0.51)).toEqual([]);
});

it('skips a full segment', () => {
  const full = sampleSegment(
    {},
    Array.from({ length: 64 }, () => samplePage()),
  );
  const heavy = sampleSegment({}, [samplePage({ user_input: 'x'.repeat(600_000) })]);
  expect(
    segmentsToJoin(
      topic,
      [full, heavy].map(outlineOf),
      byMeaning(() => east),
      0,
    ),
  ).toEqual([]);
});

it('gives a joined segment a summary of both and its keywords', () => {
  const { head } = sampleSegment({ summary: 'Tomatoes.', keywords: ['tomato'] });
  const at = '2026-02-01T00:00:00.000Z';
  expect(joined(head, topic, undefined, at, 'builtin')).toMatchObject({
    id: head.id,
    summary: 'Roses. Tomatoes.',
    keywords: ['garden', 'rose', 'tomato'],
    updated_at: at,
  });
  expect(joined(head, topic, 'Both.', at, 'gpt').summary).toBe('Both.');
});

describe('by names and rare words', () => {
  const bread = outlineOf(
    sampleSegment({
      theme: 'sourdough, rye',
      keywords: ['sourdough', 'rye'],
      summary: 'I bake a sourdough loaf with rye. The starter needs feeding.',
    }),
  );
  const others = [
    'We talked about the garden.',
    'We talked about the tax form.',
    'We talked about the trip.',
  ].map((summary) => outlineOf(sampleSegment({ theme: '', keywords: [], summary })));
  const told = (content: string, ...keywords: string[]): Topic => ({
    theme: keywords.join(', '),
    keywords: new Set(keywords),
    content,
    vector: east,
  });
  const joins = (topic: Topic) => segmentsToJoin(topic, [bread, ...others], byWords([bread, ...others]), 0.6);

  it('a topic that returns in other words joins its segment', () => {
    expect(joins(told('My starter died, so no sourdough today.', 'starter', 'sourdough'))).toEqual([bread]);
  });

  it('words of many segments do not connect topics', () => {
    expect(joins(told('We talked about the weather.', 'weather'))).toEqual([]);
  });

  it('a single shared word is not enough', () => {
    expect(joins(told('The rye was high that summer in Canada.', 'canada', 'summer'))).toEqual([]);
  });
});
