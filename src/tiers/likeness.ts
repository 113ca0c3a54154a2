import { words } from '../lib/text/words.js';
import type { SegmentHead } from '../model/segment.js';

/** What a segment or a topic says of itself. */
interface Told {
  readonly theme: string;
  readonly keywords: Iterable<string>;
  readonly content: string;
}

/** Heads are never changed in place, so what one says is read once. */
const termsOfHead = new WeakMap<SegmentHead, ReadonlyMap<string, number>>();

/**
 * How alike segments and a topic are by the names and rare words they share: a cosine of their words, each weighted
 * by how few of the segments have it. For embedders that know spelling, not meaning: their cosine of two summaries is
 * about the same whether or not these are of one thing (0.13 and 0.10 in the median of real chats), as it counts every
 * word alike. The result is brought to the scale of a sentence model, for which the paper chose its threshold.
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

/** One word in common is chance. */
const sharedTermsMin = 2;
const namedWeight = 3;
/**
 * What a cosine of 1 of a sentence model is here. At the paper's threshold of 0.6 two pages on which one answer rests,
 * said on different days, are together two to three times as often as any two pages (`npm run bench:topics`).
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
