import type { FactId } from '../../model/ids.js';
import { type Page, projectOf } from '../../model/page.js';
import type { FactChecker, FactDraft } from '../../ports/analyser.js';
import { plainSentence } from '../checks/clean-text.js';
import { eventTime } from '../checks/event-time.js';

/** A fact as the host notes it, and its page. Fields that are missing or not text are refused. */
export interface PlacedFact {
  readonly page: Page;
  readonly about?: unknown;
  readonly fact?: unknown;
  /** The exact words of the one the fact is about. */
  readonly quote?: unknown;
  /** When it happens or happened: an ISO date, month or year. */
  readonly when?: unknown;
  /** The known fact that this one replaces. */
  readonly replaces?: FactId | undefined;
}

export interface Refused {
  readonly fact: string;
  readonly reason: string;
}

/** Maximum number of facts in one call; more are refused. */
const factsMax = 50;
const shownCharactersMax = 120;

/** The facts that may be stored, and why the others may not. Throws the errors of the checker. */
export async function draftsOf(
  given: readonly PlacedFact[],
  checker: FactChecker,
  signal?: AbortSignal,
): Promise<{ readonly drafts: FactDraft[]; readonly refused: Refused[] }> {
  const looked = given.slice(0, factsMax).map((noted) => ({
    noted,
    about:
      textOf(noted.about).trim().toLowerCase() === 'assistant' ? ('assistant' as const) : ('user' as const),
    fact: plainSentence(textOf(noted.fact).slice(0, textCharactersMax)),
    quote: textOf(noted.quote).slice(0, textCharactersMax),
  }));
  const checked = await checker.checkFacts(
    looked.map(({ noted, about, fact, quote }) => ({ about, fact, quote, page: noted.page })),
    signal,
  );
  const drafts: FactDraft[] = [];
  const refused: Refused[] = [];
  const refuse = (fact: string, reason: string) =>
    void refused.push({ fact: fact.slice(0, shownCharactersMax).toWellFormed(), reason });
  looked.forEach(({ noted, about, fact, quote }, i) => {
    const { fault, slot, isOfProject } = checked[i] ?? { fault: null, slot: null, isOfProject: false };
    const contrary = drafts.find((draft) => contradicts(draft.knowledge, fact));
    if (fault !== null) refuse(fact, fault);
    else if (contrary !== undefined) refuse(fact, `contradicts "${contrary.knowledge}"`);
    else {
      const { page } = noted;
      drafts.push({
        assistant_id: about === 'user' ? null : page.assistant_id,
        knowledge: fact,
        timestamp: eventTime(textOf(noted.when), page),
        page_id: page.id,
        told_at: page.timestamp,
        quote: quote.trim(),
        ends: [],
        slot,
        project: projectOf(page),
        is_of_project: about === 'user' && isOfProject,
        change: noted.replaces === undefined ? 'new' : 'supersedes',
        fact_id: noted.replaces ?? null,
      });
    }
  });
  for (const { fact } of given.slice(factsMax)) refuse(textOf(fact), `more than ${factsMax} facts`);
  return { drafts, refused };
}

/** Longer than any valid fact or quote; a longer text is cut here and refused later. */
const textCharactersMax = 2_000;

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

const denials = /\b(?:not|never|no|none)\b|n['’]t\b/gi;

/** Whether two texts have the same words, but only one of them is negative. */
function contradicts(a: string, b: string): boolean {
  const wordsOf = (text: string) =>
    (
      text
        .toLowerCase()
        .replace(denials, ' ')
        .match(/[\p{L}\p{N}]+/gu) ?? []
    )
      .filter((word) => !/^(?:do|does|did|the)$/.test(word))
      .map((word) => word.replace(/s$/, ''))
      .sort()
      .join(' ');
  const denied = (text: string) => (text.match(denials) ?? []).length % 2 === 1;
  return denied(a) !== denied(b) && wordsOf(a) === wordsOf(b);
}
