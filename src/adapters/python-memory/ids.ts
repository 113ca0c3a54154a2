import { createHash } from 'node:crypto';
import type { ChainId, FactId, PageId, SegmentId } from '../../model/ids.js';

/** The same input gives the same id, so importing twice changes nothing. */
function idOf(kind: 'pg' | 'sg' | 'ch' | 'fc', ms: number, tail: string): string {
  const time = Math.max(0, Math.trunc(ms)).toString(36).padStart(9, '0').slice(-9);
  return `${kind}_${time}${tail}`;
}

const hashOf = (parts: readonly string[], length: number) =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, length);

/** `order`: the position among pages of the same moment, so that ids sort in the order of the pages. */
export const pageIdOf = (ms: number, order: number, key: string): PageId =>
  idOf('pg', ms, `${(order % 0x10000).toString(16).padStart(4, '0')}${hashOf([key], 8)}`) as PageId;
export const segmentIdOf = (ms: number, ...key: string[]): SegmentId =>
  idOf('sg', ms, hashOf(key, 12)) as SegmentId;
export const chainIdOf = (ms: number, key: string): ChainId => idOf('ch', ms, hashOf([key], 12)) as ChainId;
export const factIdOf = (ms: number, ...key: string[]): FactId => idOf('fc', ms, hashOf(key, 12)) as FactId;
