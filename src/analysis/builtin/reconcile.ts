import type { AssistantId } from '../../model/ids.js';
import type { Fact } from '../../model/knowledge.js';
import { projectOf } from '../../model/page.js';
import type { FactDraft } from '../../ports/analyser.js';
import type { PageFact } from './page-fact.js';
import { plainWords } from './plain-words.js';

/** Turns facts about an assistant into drafts, without duplicates. A known fact is confirmed. */
export function reconciled(
  found: readonly PageFact[],
  assistantId: AssistantId,
  relatedFacts: readonly Fact[],
  reject: (reason: string) => void,
): FactDraft[] {
  const known = relatedFacts.filter(
    (fact) => fact.assistant_id === assistantId && fact.superseded_by === null,
  );
  const told = new Set<string>();
  return found.flatMap(({ text, when, quote, page }): FactDraft[] => {
    // If the text ends with an abbreviation, it already has a full stop.
    const knowledge = `${text}${when === null ? '' : ` ${when.phrase}`}`.replace(/\.?$/, '.');
    const key = plainWords(knowledge);
    if (told.has(key)) {
      reject('repeated');
      return [];
    }
    told.add(key);
    const same = known.find((fact) => plainWords(fact.knowledge) === key);
    return [
      {
        assistant_id: assistantId,
        knowledge: same?.knowledge ?? knowledge,
        timestamp: when === null ? page.timestamp : new Date(when.startMs).toISOString(),
        page_id: page.id,
        told_at: page.timestamp,
        quote,
        ends: [],
        slot: null,
        project: projectOf(page),
        is_of_project: false,
        change: same === undefined ? 'new' : 'confirms',
        fact_id: same?.id ?? null,
      },
    ];
  });
}
