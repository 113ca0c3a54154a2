import { expect, it } from 'vitest';
import { preferProject } from '../../../src/retrieval/project.js';

const places = ['harbor', 'garden', null];

function preferred(scores: readonly number[], asked: string | null): number[] {
  const counted = Float32Array.from(scores);
  preferProject(counted, [0, 1, 2], (row) => places[row] ?? null, asked);
  return [...counted].map((score) => Math.round(score * 100) / 100);
}

it('prefers the current project, and removes weaker pages of others', () => {
  expect(preferred([1, 1.1, 0.95], 'harbor')).toEqual([1, 0.99, 0]);
});

it('shows pages of another project when they match far better', () => {
  expect(preferred([0.1, 2, 0.1], 'harbor')).toEqual([0, 1.8, 0]);
});

it('does not let weak pages of the current project displace an answer from elsewhere', () => {
  expect(preferred([0.6, 0.2, 1], 'harbor')).toEqual([0, 0, 0.9]);
  expect(preferred([0.6, 1, 0.2], 'harbor')).toEqual([0, 0.9, 0]);
});

it('prefers the project of the best page when no project is known', () => {
  expect(preferred([1, 0.5, 0.4], null)).toEqual([1, 0, 0]);
  expect(preferred([0.2, 0.3, 1], null)).toEqual([0, 0, 1]);
});

it('keeps projects that match equally when no project is known', () => {
  expect(preferred([1, 0.95, 0.85], null)).toEqual([1, 0.95, 0]);
});
