import { words } from '../lib/text/words.js';
import type { SegmentHead } from '../model/segment.js';

/** The text that describes a segment or a topic. */
interface Told {
  readonly theme: string;
  readonly keywords: Iterable<string>;
  readonly content: string;
}

/** Heads are immutable, so the terms of each are computed once. */
const termsOfHead = new WeakMap<SegmentHead, ReadonlyMap<string, number>>();

/**
 * Compares segments and topics by shared names and rare words: a cosine over words, each weighted by its
 * rarity among the segments. Used with embedders that know only spelling. Their cosine counts every word
 * alike, so it is about the same for two summaries of one subject and of two (median on real chats: 0.13 and
 * 0.10). The result is scaled to that of a sentence model, for which the paper chose its threshold.
 */
export class Likeness {
  readonly #segmentsWith = new Map<string, number>();
  readonly #segments: number;

  constructor(heads: readonly SegmentHead[]) {
    this.#segments = heads.length;
    for (const head of heads) {
      for (const term of termsOf(head).keys())
        this.#segmentsWith.set(term, (this.#segmentsWith.get(term) ?? 0) + 1);
    }
  }

  /** In [0, 1]. */
  between(head: SegmentHead, topic: Told): number {
    const segment = termsOf(head);
    const told = countTerms(topic);
    let shared = 0;
    let sharedTerms = 0;
    for (const [term, weight] of told) {
      const other = segment.get(term);
      if (other === undefined) continue;
      sharedTerms += 1;
      shared += Math.sqrt(weight * other) * this.#worth(term);
    }
    if (sharedTerms < sharedTermsMin) return 0;
    return Math.min(1, shared / Math.sqrt(this.#norm(segment) * this.#norm(told)) / scale);
  }

  #worth(term: string): number {
    return Math.log(1 + (this.#segments + 1) / (this.#segmentsWith.get(term) ?? 1)) ** 2;
  }

  #norm(terms: ReadonlyMap<string, number>): number {
    let sum = 0;
    for (const [term, weight] of terms) sum += weight * this.#worth(term);
    return sum;
  }
}

/** A single shared word may be coincidence. */
const sharedTermsMin = 2;
const namedWeight = 3;
/**
 * The value here that corresponds to a cosine of 1 of a sentence model. At the paper's threshold of 0.6, two
 * pages needed for the same answer but said on different days share a segment two to three times as often as
 * two random pages (`npm run bench:topics`).
 */
const scale = 0.2;

function termsOf(head: SegmentHead): ReadonlyMap<string, number> {
  let terms = termsOfHead.get(head);
  if (terms === undefined) {
    terms = countTerms({ theme: head.theme, keywords: head.keywords, content: head.summary });
    termsOfHead.set(head, terms);
  }
  return terms;
}

function countTerms({ theme, keywords, content }: Told): Map<string, number> {
  const counts = new Map<string, number>();
  const add = (text: string, weight: number) => {
    for (const term of words(text)) counts.set(term, (counts.get(term) ?? 0) + weight);
  };
  add(content, 1);
  const named = [theme, ...keywords].join(' ');
  for (const term of new Set(words(named))) counts.set(term, (counts.get(term) ?? 0) + namedWeight);
  return counts;
}
