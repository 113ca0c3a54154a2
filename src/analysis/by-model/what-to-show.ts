import type { Fact } from '../../model/knowledge.js';
import type { SegmentHead } from '../../model/segment.js';
import type { BatchInput, SegmentInput } from '../../ports/analyser.js';
import { contentWords, evidenceOf, foundWords, saidIn, supportOf } from '../checks/evidence.js';

const relatedFactsMax = 5;
/** Share of a fact's words that one page has, and how many, from which on the page may bear on it. */
const relatedMin = 0.6;
const relatedWordsMin = 2;
/**
 * Shares of a segment's keywords and of its summary's words that a batch has, added, and how many of the latter: from
 * there on it is shown. Fewer are greetings and names. On five LoCoMo conversations this shows a segment with 15 % of
 * the batches, and a lower share, with 27 %, not one more of those that are joined.
 */
const candidateSupportMin = 1;
const candidateWordsMin = 4;

/** The segment whose words speak most for a topic joining it; others' summaries would be paid for in vain. */
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

/** Facts an answer may confirm or end: those a page shares words with, and what is true of one thing at a time. */
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
