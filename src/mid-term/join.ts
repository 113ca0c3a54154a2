import { jaccard } from '../lib/sets.js';
import { cosine } from '../lib/vectors.js';
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

/** F = cos(e_segment, e_topic) + Jaccard(K_segment, K_topic), in [-1, 2] (MemoryOS, section 3.2). */
export function similarity(head: SegmentHead, vector: Float32Array, topic: Topic): number {
  return cosine(vector, topic.vector) + jaccard(head.keywords, topic.keywords);
}

/** Whether the segment can still take pages. */
export function hasRoom(segment: Segment): boolean {
  if (segment.pages.length >= pagesPerSegmentMax) return false;
  const characters = segment.pages.reduce((sum, p) => sum + p.user_input.length + p.agent_response.length, 0);
  return characters < charactersPerSegmentMax;
}

/** The segment with the best F of those with room, if F reaches the threshold. */
export function segmentToJoin(
  topic: Topic,
  segments: Iterable<Segment>,
  vectorOf: (segment: Segment) => Float32Array | undefined,
  similarityMin: number,
): Segment | null {
  let best: Segment | null = null;
  let bestF = similarityMin;
  for (const segment of segments) {
    const vector = vectorOf(segment);
    if (vector === undefined) continue;
    const f = similarity(segment.head, vector, topic);
    if (f >= bestF && (best === null || f > bestF) && hasRoom(segment)) {
      best = segment;
      bestF = f;
    }
  }
  return best;
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
