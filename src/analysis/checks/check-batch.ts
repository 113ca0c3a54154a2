import type { Page } from '../../model/page.js';
import type { SegmentHead } from '../../model/segment.js';
import type { BatchAnalysis, BatchInput } from '../../ports/analyser.js';
import type { BatchAnswer } from '../../prompts/analyse-batch.js';
import { numberOf } from '../../prompts/json-answer.js';
import type { Reading } from '../../prompts/prompt.js';
import { plainSentence, textFault } from './clean-text.js';
import { contentWords, type Evidence, evidenceOf, foundWords, saidIn, supportOf } from './evidence.js';

type Topic = BatchAnalysis['topics'][number];

const summaryCharactersMax = 1_200;
const themeCharactersMax = 100;
const keywordCharactersMax = 40;
const keywordsMax = 12;

/** The words of the batch's pages and of the chain before them. */
function evidenceOfBatch(input: BatchInput): Evidence {
  const sides = input.pages.flatMap(saidIn);
  const { previous } = input;
  return evidenceOf(previous === null ? sides : [...sides, previous.meta_info, ...saidIn(previous)]);
}

/**
 * Checks an answer about a batch. Repaired without asking again: references to pages that do not exist are
 * dropped; a page claimed by two topics stays in the first; a missing page joins the topic of the page before
 * it (otherwise after it), if at least half of the pages were assigned. Anything else is a problem to send
 * back to the model. `candidate`: the segment in the prompt. `stand`: the rules' result for the same batch.
 * If given, it replaces unusable summaries, as long as at least half of the pages have a usable one.
 */
export function checkBatch(
  answer: BatchAnswer,
  input: BatchInput,
  candidate: SegmentHead | null,
  reject: (reason: string) => void,
  stand: Pick<BatchAnalysis, 'pages' | 'topics'> | null = null,
): Reading<Pick<BatchAnalysis, 'pages' | 'topics'>> {
  const evidence = evidenceOfBatch(input);
  const problems: string[] = [];
  let faults = 0;
  const pages = input.pages.map((page, index) => {
    const entry = answer.pages.find(({ page: label }) => numberOf(label, 'P') === index + 1);
    const fault = entry === undefined ? 'has no entry in "pages"' : summaryProblem(entry.summary, evidence);
    const continues = entry?.continues === true && (index > 0 || input.previous !== null);
    if (fault === null)
      return { page_id: page.id, continues, meta_info: plainSentence(entry?.summary ?? '') };
    faults += 1;
    problems.push(`P${index + 1} ${fault}`);
    return stand?.pages[index] ?? { page_id: page.id, continues, meta_info: '' };
  });
  const claimed = claims(answer, input.pages, reject);
  const missing = claimed.filter((topic) => topic === undefined).length;
  if (missing * 2 > input.pages.length) problems.push(`${missing} pages are in no topic`);
  const owners = filled(claimed, reject);
  const topics: Topic[] = [];
  answer.topics.forEach((topic, at) => {
    const pageIds = input.pages.filter((_, index) => owners[index] === at).map((page) => page.id);
    if (pageIds.length === 0) return;
    const fault = summaryProblem(topic.summary, evidence);
    if (fault !== null) problems.push(`topic ${at + 1} ${fault}`);
    const content = fault === null ? plainSentence(topic.summary) : standingFor(pageIds, stand);
    const keywords = keywordsOf(topic.keywords, reject);
    topics.push({
      theme: themeOf(topic.theme, keywords, content, evidence),
      keywords,
      content,
      page_ids: pageIds,
      merged: mergedOf(topic, candidate, evidence, reject),
    });
  });
  const isMended = stand !== null && faults * 2 <= pages.length && missing * 2 <= pages.length;
  for (const _problem of isMended ? problems : []) reject('summary_by_rules');
  if (problems.length > 0 && !isMended) {
    return { ok: false, problem: problems.slice(0, 6).join('; ') };
  }
  return { ok: true, value: { pages, topics } };
}

/** The built-in rules' summary for most of these pages. */
function standingFor(ids: readonly string[], stand: Pick<BatchAnalysis, 'topics'> | null): string {
  const shared = (topic: Topic) => topic.page_ids.filter((id) => ids.includes(id)).length;
  return [...(stand?.topics ?? [])].sort((a, b) => shared(b) - shared(a))[0]?.content ?? '';
}

/** The first topic that claims each page. */
function claims(
  answer: BatchAnswer,
  pages: readonly Page[],
  reject: (reason: string) => void,
): (number | undefined)[] {
  const owners: (number | undefined)[] = pages.map(() => undefined);
  answer.topics.forEach((topic, at) => {
    for (const label of topic.pages) {
      const index = (numberOf(label, 'P') ?? 0) - 1;
      if (!(index in owners)) reject('unknown_page');
      else if (owners[index] === undefined) owners[index] = at;
      else if (owners[index] !== at) reject('page_claimed_twice');
    }
  });
  return owners;
}

/**
 * A page without a topic joins the topic of the page before it; at the beginning, that of the page after it.
 */
function filled(
  owners: readonly (number | undefined)[],
  reject: (reason: string) => void,
): (number | undefined)[] {
  let last: number | undefined = owners.find((owner) => owner !== undefined);
  return owners.map((owner) => {
    if (owner === undefined) reject('page_forgotten');
    last = owner ?? last;
    return last;
  });
}

function summaryProblem(text: string, evidence: Evidence): string | null {
  const sentence = plainSentence(text);
  const fault = textFault(sentence, summaryCharactersMax);
  if (fault === 'error_text' || fault === 'instruction' || fault === 'refusal')
    return supportOf(sentence, evidence) >= 0.5 ? null : 'has a summary that is not about the pages';
  if (fault !== null) return `has no usable summary (${fault})`;
  const foreign = contentWords(sentence, evidence).length > 1 && foundWords(sentence, evidence).length === 0;
  return foreign ? 'has a summary without a word of the pages; write in their language' : null;
}

function themeOf(theme: string, keywords: readonly string[], summary: string, evidence: Evidence): string {
  const sentence = plainSentence(theme).replace(/[:：]$/u, '');
  const fault = textFault(sentence, themeCharactersMax);
  if (fault === null || (fault === 'instruction' && supportOf(sentence, evidence) >= 0.5)) return sentence;
  return keywords.slice(0, 3).join(' ') || plainSentence(summary).slice(0, themeCharactersMax).toWellFormed();
}

function keywordsOf(given: readonly string[], reject: (reason: string) => void): string[] {
  const kept = new Set<string>();
  for (const keyword of given) {
    const word = plainSentence(keyword).toLowerCase();
    const fault = textFault(word, keywordCharactersMax);
    if (fault === null) kept.add(word);
    else reject(`keyword_${fault}`);
  }
  return [...kept].slice(0, keywordsMax);
}

function mergedOf(
  topic: BatchAnswer['topics'][number],
  candidate: SegmentHead | null,
  evidence: Evidence,
  reject: (reason: string) => void,
): Topic['merged'] {
  if (topic.merged === null) return [];
  const summary = plainSentence(topic.merged);
  const fits =
    candidate !== null &&
    summaryProblem(summary, evidence) === null &&
    summaryProblem(summary, evidenceOf([candidate.theme, candidate.summary])) === null;
  if (fits) return [{ segment_id: candidate.id, summary }];
  reject('merged_summary');
  return [];
}
