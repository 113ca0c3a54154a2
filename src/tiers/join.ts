import { jaccard } from '../lib/math/sets.js';
import { dot } from '../lib/math/vectors.js';
import type { Page } from '../model/page.js';
import type { SegmentHead, SegmentOutline } from '../model/segment.js';
import { Likeness } from './likeness.js';

/** A segment takes no more topics once it has this many pages, so that its file stays small. */
export const pagesPerSegmentMax = 64;
const charactersPerSegmentMax = 512 * 1024;
const keywordsPerSegmentMax = 32;
const summaryCharactersMax = 1200;

export interface Topic {
  readonly theme: string;
  /** Normalised with {@link normaliseKeywords}. */
  readonly keywords: ReadonlySet<string>;
  readonly content: string;
  /** Embedding of `content`, norm 1. */
  readonly vector: Float32Array;
}

/** Lower case, trimmed, without duplicates, in order. */
export function normaliseKeywords(keywords: Iterable<string>): string[] {
  const normalised = [...keywords].map((word) => word.normalize('NFKC').trim().toLowerCase());
  return [...new Set(normalised.filter((word) => word !== ''))].slice(0, keywordsPerSegmentMax);
}

/**
 * F = cos(e_segment, e_topic) + Jaccard(K_segment, K_topic), in [-1, 2] (MemoryOS, section 3.2). `cosine`: of
 * segment and topic, on the scale of a sentence model.
 */
export function similarity(head: SegmentHead, cosine: number, topic: Topic): number {
  return cosine + jaccard(head.keywords, topic.keywords);
}

/**
 * How near a topic is to a segment, on the scale of a sentence model's cosine; undefined when the segment has
 * no vector yet.
 */
export type Nearness = (segment: SegmentOutline, topic: Topic) => number | undefined;

/** Compares vectors, for an embedder of meaning. */
export function byMeaning(vectorOf: (segment: SegmentOutline) => Float32Array | undefined): Nearness {
  return (segment, topic) => {
    const vector = vectorOf(segment);
    return vector === undefined ? undefined : dot(vector, topic.vector);
  };
}

/** Compares names and rare words, for an embedder that knows only spelling. */
export function byWords(segments: Iterable<SegmentOutline>): Nearness {
  const likeness = new Likeness([...segments].map(({ head }) => head));
  return ({ head }, topic) => likeness.between(head, topic);
}

/** Whether the segment can still take pages. */
export function hasRoom({ size, characters }: SegmentOutline): boolean {
  return size < pagesPerSegmentMax && characters < charactersPerSegmentMax;
}

/** Whether one segment can hold all of these pages. */
export function fitsOneSegment(pages: readonly Page[]): boolean {
  if (pages.length > pagesPerSegmentMax) return false;
  const characters = pages.reduce((sum, p) => sum + p.user_input.length + p.agent_response.length, 0);
  return characters <= charactersPerSegmentMax;
}

/** Segments with room whose F with the topic reaches the threshold, best first. */
export function segmentsToJoin(
  topic: Topic,
  segments: Iterable<SegmentOutline>,
  nearness: Nearness,
  similarityMin: number,
): SegmentOutline[] {
  const near: { segment: SegmentOutline; f: number }[] = [];
  for (const segment of segments) {
    const cosine = nearness(segment, topic);
    const f = cosine === undefined ? Number.NEGATIVE_INFINITY : similarity(segment.head, cosine, topic);
    if (f >= similarityMin) near.push({ segment, f });
  }
  near.sort((a, b) => b.f - a.f);
  return near.map(({ segment }) => segment).filter(hasRoom);
}

/**
 * The segment's head after a topic joined. `summary`: a summary of both; without it, the two summaries are
 * concatenated.
 */
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

/**
 * The segment's head after a merge: its own theme, with the summaries and keywords of all merged segments.
 */
export function together(head: SegmentHead, others: readonly SegmentHead[], at: string): SegmentHead {
  const all = [head, ...others];
  return {
    ...head,
    summary: all
      .map(({ summary }) => summary)
      .join(' ')
      .slice(0, summaryCharactersMax)
      .toWellFormed(),
    keywords: normaliseKeywords(all.flatMap(({ keywords }) => keywords)),
    updated_at: at,
    n_visit: all.reduce((sum, { n_visit }) => sum + n_visit, 0),
    // All instants have the same format, so the latest is the last in text order.
    last_visit_at: all.reduce(
      (latest, { last_visit_at }) => (last_visit_at > latest ? last_visit_at : latest),
      '',
    ),
  };
}
