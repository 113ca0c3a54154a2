import { cosine } from '../lib/math/vectors.js';
import { latinLanguageOfText, words, wordsIn } from '../lib/text/words.js';
import { type FactId, newFactId } from '../model/ids.js';
import type { Fact } from '../model/knowledge.js';
import type { Operation } from '../model/operation.js';
import type { FactDraft } from '../ports/analyser.js';

/** Facts with at least this cosine, and the same numbers and negations, say the same. */
const sameMeaningCosineMin = 0.95;
const sourcePagesMax = 12;

/** The value of `analysed_by` when the host itself analysed: the agent that calls the memory. */
export const hostName = 'host';
/** The value of `analysed_by` when the built-in rules analysed. */
const builtinName = 'builtin';

export interface KnowledgeContext {
  /** Vector of a fact's text, norm 1; undefined when there is none. */
  readonly vectorOf: (knowledge: string) => Float32Array | undefined;
  readonly capacityFacts: number;
  readonly nowMs: number;
  readonly analysedBy: string;
  /** Whether the draft was forgotten or corrected. No new fact is made from such a draft. */
  readonly isForgotten: (draft: FactDraft) => boolean;
}

/**
 * The operations that add drafts to one list of facts (the user's, or one assistant's). A known fact gains a
 * source. Of contradicting facts, the later one supersedes the other, which is kept as history. A draft neither
 * confirms nor supersedes a fact about a thing of another project. Facts beyond the capacity are removed, oldest
 * first. A forgotten draft makes no new fact.
 */
export function planFacts(
  facts: readonly Fact[],
  drafts: readonly FactDraft[],
  context: KnowledgeContext,
): Operation[] {
  const list = new Map<FactId, Fact>(facts.map((fact) => [fact.id, fact]));
  const changed = new Set<FactId>();
  const put = (fact: Fact) => {
    list.set(fact.id, fact);
    changed.add(fact.id);
  };
  const made: (FactId | undefined)[] = [];
  for (const draft of drafts) made.push(addDraft(list, draft, made, put, context));
  const leaving = leavingFor([...list.values()], context.capacityFacts);
  const gone = new Set(leaving.map((fact) => fact.id));
  const stored = new Set(facts.map((fact) => fact.id));
  return [
    ...[...changed].flatMap((id): Operation[] => {
      const fact = list.get(id);
      return fact === undefined || (gone.has(id) && !stored.has(id)) ? [] : [{ op: 'fact_put', fact }];
    }),
    ...leaving.flatMap((fact): Operation[] =>
      stored.has(fact.id)
        ? [{ op: 'fact_removed', fact_id: fact.id, assistant_id: fact.assistant_id, reason: 'capacity' }]
        : [],
    ),
  ];
}

function addDraft(
  list: ReadonlyMap<FactId, Fact>,
  draft: FactDraft,
  made: readonly (FactId | undefined)[],
  put: (fact: Fact) => void,
  context: KnowledgeContext,
): FactId | undefined {
  const inReach = [...list.values()].filter((fact) => !isOfAnotherProject(fact, draft));
  const current = inReach.filter((fact) => fact.superseded_by === null);
  const named = inReach.find(({ id }) => id === draft.fact_id);
  // A page that is read again brings back no fact that has ended since.
  const alike = inReach.filter(
    (fact) =>
      draft.change === 'outdated' || fact.superseded_by === null || fact.page_ids.includes(draft.page_id),
  );
  const known =
    draft.change === 'confirms' && named ? named : alike.find((fact) => same(fact, draft, context));
  if (known !== undefined && !givesWay(known, draft, context.analysedBy)) {
    const sources = [...new Set([...known.page_ids, draft.page_id])].slice(-sourcePagesMax);
    if (sources.length !== known.page_ids.length) put({ ...known, page_ids: sources });
    return known.id;
  }
  if (context.isForgotten(draft)) return undefined;
  const noted = current.find((fact) => isOfTheSameWords(fact, draft));
  if (noted?.analysed_by === hostName && context.analysedBy !== hostName) return noted.id;
  const replaced = known ?? current.find((fact) => givesWay(fact, draft, context.analysedBy));
  if (replaced !== undefined) {
    put({
      ...replaced,
      knowledge: draft.knowledge,
      quote: draft.quote,
      timestamp: draft.timestamp,
      slot: draft.slot ?? replaced.slot,
      analysed_by: context.analysedBy,
    });
    return replaced.id;
  }
  const project = projectOfDraft(draft);
  const fact: Fact = {
    id: newFactId(context.nowMs),
    assistant_id: draft.assistant_id,
    knowledge: draft.knowledge,
    timestamp: draft.timestamp,
    page_ids: [draft.page_id],
    recorded_at: new Date(context.nowMs).toISOString(),
    told_at: draft.told_at,
    quote: draft.quote,
    slot: draft.slot,
    superseded_by: null,
    analysed_by: context.analysedBy,
    ...(project === undefined ? {} : { project }),
  };
  const ended = new Set(draft.ends.map((end) => (typeof end === 'number' ? made[end] : end)));
  const rivals = current.filter(
    (other) =>
      ended.has(other.id) ||
      (draft.slot !== null && other.slot !== null && takesPlaceOf(draft.slot, other.slot)) ||
      (draft.change === 'supersedes' && other === named),
  );
  const later =
    (draft.change === 'outdated' ? named : undefined) ??
    rivals.find((rival) => toldAtMs(rival) > toldAtMs(fact));
  // A fact that supersedes a pinned fact becomes pinned.
  const kept = rivals.some((rival) => rival.pinned === true) ? { ...fact, pinned: true } : fact;
  put(later === undefined ? kept : { ...fact, superseded_by: later.id });
  if (later === undefined) for (const rival of rivals) put({ ...rival, superseded_by: fact.id });
  return fact.id;
}

/**
 * Whether a fact from the same words gives way because its reader was weaker. The host is better than all
 * others. A model that used at least as many of the words is better than the rules.
 */
function givesWay(fact: Fact, draft: FactDraft, reader: string): boolean {
  if (!isOfTheSameWords(fact, draft)) return false;
  if (reader === hostName) return fact.analysed_by !== hostName;
  return (
    fact.analysed_by === builtinName &&
    reader !== builtinName &&
    plainWords(draft.quote ?? '').includes(plainWords(fact.quote ?? ''))
  );
}

/**
 * Whether one value of a slot replaces another. A move ("home") also replaces homes that were valid together
 * ("home:porto").
 */
export function takesPlaceOf(later: string, before: string): boolean {
  return later === before || (!later.includes(':') && before.startsWith(`${later}:`));
}

/**
 * Whether a fact is about a thing of a project, and the draft was said in another one. "The deadline is 9 June" says
 * nothing of another project's deadline. What is said in no project may be about any.
 */
export function isOfAnotherProject(
  { project }: Pick<Fact, 'project'>,
  draft: Pick<FactDraft, 'project'>,
): boolean {
  return project !== undefined && draft.project !== null && project !== draft.project;
}

/** The project of the fact that a draft becomes; undefined if the fact holds everywhere. */
export function projectOfDraft(draft: Pick<FactDraft, 'project' | 'is_of_project'>): string | undefined {
  return draft.is_of_project ? (draft.project ?? undefined) : undefined;
}

/** Whether both come from overlapping words on the same page. */
function isOfTheSameWords(fact: Fact, draft: FactDraft): boolean {
  if (fact.quote === null || draft.quote === null || !fact.page_ids.includes(draft.page_id)) return false;
  const [a, b] = [plainWords(fact.quote), plainWords(draft.quote)];
  return a !== '' && b !== '' && (a.includes(b) || b.includes(a));
}

function plainWords(text: string): string {
  return ` ${(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).join(' ')} `;
}

/** The later statement wins, whatever time it is about. */
function toldAtMs(fact: Fact): number {
  return Date.parse(fact.told_at ?? fact.timestamp);
}

/**
 * The oldest current facts beyond the capacity, without pinned ones, and likewise the oldest superseded
 * facts.
 */
export function leavingFor(facts: readonly Fact[], capacityFacts: number): Fact[] {
  const current = facts.filter((fact) => fact.superseded_by === null);
  const history = facts.filter((fact) => fact.superseded_by !== null);
  // Imported facts come after existing ones, however old they are.
  const byAge = (a: Fact, b: Fact) => Date.parse(a.recorded_at) - Date.parse(b.recorded_at);
  return [current, history].flatMap((part) =>
    part
      .filter((fact) => fact.pinned !== true || fact.superseded_by !== null)
      .sort(byAge)
      .slice(0, Math.max(0, part.length - capacityFacts)),
  );
}

function same(fact: Fact, draft: FactDraft, context: KnowledgeContext): boolean {
  if (distinctive(fact.knowledge) !== distinctive(draft.knowledge)) return false;
  const factWords = words(fact.knowledge).join(' ');
  if (factWords !== '' && factWords === words(draft.knowledge).join(' ')) return true;
  const vectorA = context.vectorOf(fact.knowledge);
  const vectorB = context.vectorOf(draft.knowledge);
  if (vectorA === undefined || vectorB === undefined) return false;
  return cosine(vectorA, vectorB) >= sameMeaningCosineMin;
}

/**
 * Numbers, names and negations, which must be equal in two sentences of the same meaning. An article or
 * "user" at the beginning of a sentence does not count as a name because of its capital.
 */
function distinctive(text: string): string {
  const opening = /^\P{L}*\p{L}+/u.exec(text)?.[0] ?? '';
  const isName = wordsIn(opening, latinLanguageOfText(text)).length > 0;
  const rest = isName ? text : opening.toLowerCase() + text.slice(opening.length);
  const found = rest.match(/\d+|\p{Lu}\p{L}+|\b(?:no|not|never|longer|dis\w+)\b|n't/gu) ?? [];
  return [...new Set(found.filter((word) => !owners.test(word)))].sort().join(' ');
}

const owners = /^(user|assistant)$/i;
