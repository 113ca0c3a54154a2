import type { AssistantId } from '../../model/ids.js';
import type { Fact } from '../../model/knowledge.js';
import type { FactDraft } from '../../ports/analyser.js';
import type { PageFact } from './user-facts.js';

/**
 * Turns what was found into drafts: says what is new, what confirms and what supersedes a fact that is known, and
 * lets the later of two contradicting statements of the same pages win. A statement older than the fact it
 * contradicts is outdated: it becomes history, never what holds now.
 */
export function reconciled(
  found: readonly PageFact[],
  assistantId: AssistantId | null,
  relatedFacts: readonly Fact[],
  reject: (reason: string) => void,
): FactDraft[] {
  const known = relatedFacts.filter(
    (fact) => fact.assistant_id === assistantId && fact.superseded_by === null,
  );
  const drafts: FactDraft[] = [];
  const lastOfSlot = new Map<string, PageFact>();
  const told = new Set<string>();
  const inOrder = [...found].sort((a, b) => a.page.timestamp.localeCompare(b.page.timestamp, 'en'));
  for (const fact of inOrder) {
    const knowledge = sentenceOf(fact);
    const key = normal(knowledge);
    const before = fact.slot === null ? undefined : lastOfSlot.get(fact.slot);
    if (told.has(key) || (before !== undefined && before.value === fact.value)) {
      reject('repeated');
      continue;
    }
    const same = known.find((other) => normal(other.knowledge) === key);
    const rival = fact.slot === null ? undefined : known.find((other) => other.slot === fact.slot);
    const related = same ?? rival;
    const agrees = same !== undefined || (rival !== undefined && saysSame(rival.knowledge, fact));
    const outdated = related !== undefined && !agrees && related.timestamp > fact.page.timestamp;
    told.add(key);
    if (fact.slot !== null && !outdated) lastOfSlot.set(fact.slot, fact);
    const change = outdated ? 'outdated' : changeOf(related !== undefined, agrees, before !== undefined);
    drafts.push({
      assistant_id: assistantId,
      knowledge: change === 'confirms' && related !== undefined ? related.knowledge : knowledge,
      timestamp: fact.when === null ? fact.page.timestamp : new Date(fact.when.startMs).toISOString(),
      page_id: fact.page.id,
      told_at: fact.page.timestamp,
      quote: null,
      ends: [],
      slot: fact.slot,
      change,
      // A draft before this one, superseded in the same answer, has no id yet: the slot says which.
      fact_id: before === undefined ? (related?.id ?? null) : null,
    });
  }
  return drafts;
}

function changeOf(isRelated: boolean, agrees: boolean, isRepeated: boolean): FactDraft['change'] {
  if (isRelated) return agrees && !isRepeated ? 'confirms' : 'supersedes';
  return isRepeated ? 'supersedes' : 'new';
}

const sinceThen: Readonly<Record<string, string>> = {
  is: 'has been',
  are: 'have been',
  lives: 'has lived',
  live: 'have lived',
  works: 'has worked',
  work: 'have worked',
};

/** With "since" English wants the perfect: "The user has lived in Ghent since 2019". */
function lasting(text: string): string {
  return text.replace(
    /^(The user(?:'s [\p{L}-]+(?: \p{Lu}[\p{L}-]*)?| and their [\p{L}-]+(?: \p{Lu}[\p{L}-]*)?)?) (is|are|lives?|works?) /u,
    (_all, who: string, verb: string) => `${who} ${sinceThen[verb] ?? verb} `,
  );
}

function sentenceOf(fact: PageFact): string {
  const when = fact.when === null ? '' : ` ${fact.when.phrase}`;
  const text = fact.when?.preposition === 'since' ? lasting(fact.text) : fact.text;
  // An abbreviation brings its own full stop.
  return `${text}${when}${fact.ending === undefined ? '' : ` ${fact.ending}`}`.replace(/\.?$/, '.');
}

function normal(sentence: string): string {
  return sentence
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

const denial =
  /\b(?:not|no longer|never|dislikes?|hates?|cannot|detests?|loathes?|despises?|used to|quit|stopped|left|lost|afraid|scared|terrified)\b/;

/** Whether a known fact of the same slot says the same as what was found now. */
function saysSame(knowledge: string, fact: PageFact): boolean {
  const said = knowledge.toLowerCase();
  if (fact.value === 'likes') return !denial.test(said);
  if (fact.value === 'dislikes' || fact.value === 'no') return denial.test(said);
  return (
    denial.test(said) === denial.test(fact.text.toLowerCase()) &&
    ` ${normal(said)} `.includes(` ${normal(fact.value)} `)
  );
}
