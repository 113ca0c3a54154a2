import { expect, it } from 'vitest';
import { preferProject } from '../../../src/retrieval/project.js';

const places = ['harbor', 'garden', null];

function preferred(scores: readonly number[], asked: string | null): number[] {
  const counted = Float32Array.from(scores);
  preferProject(counted, [0, 1, 2], (row) => places[row] ?? null, asked);
  return [...counted].map((score) => Math.round(score * 100) / 100);
}

it('prefers the project that is asked in, and takes out what fits much less elsewhere', () => {
  expect(preferred([1, 1, 1], 'harbor')).toEqual([1, 0, 0]);
});

it('shows what is said elsewhere where it fits far better than what was said here', () => {
  expect(preferred([0.1, 2, 0.1], 'harbor')).toEqual([0, 0.8, 0]);
});

it('lets what fits best say which place is meant where no project is known', () => {
  expect(preferred([1, 0.5, 0.4], null)).toEqual([1, 0, 0]);
  expect(preferred([0.2, 0.3, 1], null)).toEqual([0, 0, 1]);
});

it('keeps several places where each fits as well, and no project is known', () => {
  expect(preferred([1, 0.9, 0.8], null)).toEqual([1, 0.9, 0.8]);
});
