import { expect, it } from 'vitest';
import { outlineOf } from '../../../src/model/segment.js';
import {
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
  expect(similarity(head, east, topic)).toBeCloseTo(1 + 1 / 3, 6);
  expect(similarity(head, north, topic)).toBeCloseTo(1 / 3, 6);
});

it('may join the segments at or over the threshold, best first', () => {
  const near = sampleSegment({ keywords: [] });
  const far = sampleSegment({ keywords: ['garden'] });
  const vectors = new Map([
    [near.head, east],
    [far.head, north],
  ]);
  const vectorOf = ({ head }: Pick<typeof near, 'head'>) => vectors.get(head);
  expect(segmentsToJoin(topic, [far, near].map(outlineOf), vectorOf, 0.5)).toEqual(
    [near, far].map(outlineOf),
  );
  expect(segmentsToJoin(topic, [far, near].map(outlineOf), vectorOf, 0.6)).toEqual([near].map(outlineOf));
  expect(segmentsToJoin(topic, [far].map(outlineOf), vectorOf, 0.51)).toEqual([]);
});

it('leaves a full segment alone', () => {
  const full = sampleSegment(
    {},
    Array.from({ length: 64 }, () => samplePage()),
  );
  const heavy = sampleSegment({}, [samplePage({ user_input: 'x'.repeat(600_000) })]);
  expect(segmentsToJoin(topic, [full, heavy].map(outlineOf), () => east, 0)).toEqual([]);
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
