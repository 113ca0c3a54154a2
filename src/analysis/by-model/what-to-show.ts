import type { Fact } from '../../model/knowledge.js';
import type { SegmentHead } from '../../model/segment.js';
import type { BatchInput, SegmentInput } from '../../ports/analyser.js';
import { contentWords, evidenceOf, foundWords, saidIn, supportOf } from '../checks/evidence.js';

const relatedFactsMax = 5;
/** A fact is related to a page that contains this share of its words, and at least this many. */
const relatedMin = 0.6;
const relatedWordsMin = 2;
/**
 * A segment is shown when the shares of its keywords and of its summary's words in the batch sum to this,
 * with at least this many of the latter. Below that, the common words are greetings and names. On five LoCoMo
 * conversations, 15 % of the batches show a segment. A lower threshold shows one with 27 % of the batches,
 * but finds no further joined segment.
 */
const candidateSupportMin = 1;
const candidateWordsMin = 4;

/**
 * The segment that a topic is most likely to join. Showing other summaries would cost tokens without benefit.
 */
export function likelyJoined({ pages, candidates }: BatchInput): SegmentHead | null {
  const evidence = evidenceOf(pages.flatMap(saidIn));
  const [best] = candidates
    .map((head) => ({
      head,
      support: supportOf(head.keywords.join(' '), evidence) + supportOf(head.summary, evidence),
    }))
    .sort((a, b) => b.support - a.support);
  if (best === undefined || best.support < candidateSupportMin) return null;
  return foundWords(best.head.summary, evidence).length >= candidateWordsMin ? best.head : null;
}

/** Facts that an answer may confirm or end: those that share words with a page, and those with a slot. */
export function relatedTo(input: SegmentInput): Fact[] {
  const pages = input.pages.map((page) => evidenceOf(saidIn(page)));
  return input.relatedFacts
    .flatMap((fact) => {
      const shares = pages.map((evidence) => {
        const words = contentWords(fact.knowledge, evidence).length;
        const shared = foundWords(fact.knowledge, evidence).length;
        return words > 0 && shared >= Math.min(relatedWordsMin, words) ? shared / words : 0;
      });
      const share = Math.max(...shares, fact.slot === null ? 0 : relatedMin);
      return share >= relatedMin ? [{ fact, share }] : [];
    })
    .sort((a, b) => b.share - a.share)
    .slice(0, relatedFactsMax)
    .map(({ fact }) => fact);
}
