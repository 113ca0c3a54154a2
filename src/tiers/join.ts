import { jaccard } from '../lib/math/sets.js';
import { dot } from '../lib/math/vectors.js';
import type { Segment, SegmentHead } from '../model/segment.js';

/** A segment takes no more topics once it holds this much, so that its file stays small. */
const pagesPerSegmentMax = 64;
const charactersPerSegmentMax = 512 * 1024;
const keywordsPerSegmentMax = 32;
const summaryCharactersMax = 1200;

export interface Topic {
  readonly theme: string;
  /** As {@link normaliseKeywords} gives them. */
  readonly keywords: ReadonlySet<string>;
  readonly content: string;
  /** Embedding of `content`, norm 1. */
  readonly vector: Float32Array;
}

/** Lower case, trimmed, each once, in order. */
export function normaliseKeywords(keywords: Iterable<string>): string[] {
  const normalised = [...keywords].map((word) => word.normalize('NFKC').trim().toLowerCase());
  return [...new Set(normalised.filter((word) => word !== ''))].slice(0, keywordsPerSegmentMax);
}

/** F = cos(e_segment, e_topic) + Jaccard(K_segment, K_topic), in [-1, 2] (MemoryOS, section 3.2); both vectors have norm 1. */
export function similarity(head: SegmentHead, vector: Float32Array, topic: Topic): number {
  return dot(vector, topic.vector) + jaccard(head.keywords, topic.keywords);
}

/** Whether the segment can still take pages. */
export function hasRoom(segment: Segment): boolean {
  if (segment.pages.length >= pagesPerSegmentMax) return false;
  const characters = segment.pages.reduce((sum, p) => sum + p.user_input.length + p.agent_response.length, 0);
  return characters < charactersPerSegmentMax;
}

/** Segments with room whose F with the topic reaches the threshold, best first. */
export function segmentsToJoin(
  topic: Topic,
  segments: Iterable<Segment>,
  vectorOf: (segment: Segment) => Float32Array | undefined,
  similarityMin: number,
): Segment[] {
  const near: { segment: Segment; f: number }[] = [];
  for (const segment of segments) {
    const vector = vectorOf(segment);
    const f = vector === undefined ? Number.NEGATIVE_INFINITY : similarity(segment.head, vector, topic);
    if (f >= similarityMin) near.push({ segment, f });
  }
  near.sort((a, b) => b.f - a.f);
  return near.map(({ segment }) => segment).filter(hasRoom);
}

/** What is known of a segment after a topic joined. `summary`: of both; without one they are strung together. */
export function joined(
  head: SegmentHead,
  topic: Topic,
  summary: string | undefined,
  at: string,
  analysedBy: string,
): SegmentHead {
  return {
    ...head,
    summary: (summary ?? `${topic.content} ${head.summary}`).slice(0, summaryCharactersMax),
    keywords: normaliseKeywords([...topic.keywords, ...head.keywords]),
    updated_at: at,
    analysed_by: analysedBy,
  };
}
