import type { RetrievedPage, RetrieveResult } from '../model/results.js';

/** Lower bounds of the relevance groups, of the best page's score. */
const groupBounds = [0.7, 0.4];
/** How much less useful each older page of short-term memory is. */
const olderLoss = 0.08;
const profileUse = 0.9;

/**
 * About how many tokens a language model makes of a text: four characters a token in Latin script, two in other
 * alphabets, one in scripts that write a word in one or two characters. Good to some ten per cent.
 */
export function tokensOfText(text: string): number {
  let tokens = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    tokens += code < 0x250 ? 0.25 : code < 0x2e80 ? 0.5 : 1;
  }
  return Math.ceil(tokens);
}

/**
 * Puts an answer into the order a model reads best: the most relevant group of pages first, within a group by
 * time. With a budget the least useful is left out first, whatever list it is in; the total counts stay, and a
 * notice says what was left out.
 */
export function present(result: RetrieveResult, maxTokens?: number | undefined): RetrieveResult {
  const kept = maxTokens === undefined ? result : withinBudget(result, maxTokens);
  return { ...kept, retrieved_pages: inReadingOrder(kept.retrieved_pages) };
}

function inReadingOrder(pages: readonly RetrievedPage[]): RetrievedPage[] {
  const groupOf = (page: RetrievedPage) => groupBounds.filter((bound) => page.score < bound).length;
  return [...pages].sort(
    (a, b) =>
      groupOf(a) - groupOf(b) ||
      a.timestamp.localeCompare(b.timestamp, 'en') ||
      a.page_id.localeCompare(b.page_id, 'en'),
  );
}

/** Something that can be left out. */
interface Item {
  readonly of: object | 'profile';
  readonly use: number;
  readonly tokens: number;
  /** It is shown whatever the budget is. */
  readonly stays: boolean;
}

function withinBudget(result: RetrieveResult, maxTokens: number): RetrieveResult {
  const items = itemsOf(result);
  let tokens = items.reduce((sum, item) => sum + item.tokens, fixedTokens(result));
  const dropped = new Set<object | 'profile'>();
  for (const item of items.sort((a, b) => a.use - b.use)) {
    if (tokens <= maxTokens) break;
    if (item.stays) continue;
    dropped.add(item.of);
    tokens -= item.tokens;
  }
  if (dropped.size === 0) return result;
  const left = <T extends object>(list: readonly T[]): T[] => list.filter((entry) => !dropped.has(entry));
  const shortTerm = left(result.short_term_memory);
  return {
    ...result,
    user_profile: dropped.has('profile') ? '' : result.user_profile,
    short_term_memory: shortTerm,
    retrieved_pages: left(result.retrieved_pages),
    retrieved_user_knowledge: left(result.retrieved_user_knowledge),
    retrieved_assistant_knowledge: left(result.retrieved_assistant_knowledge),
    notices: [...result.notices, `${dropped.size} entries were left out to keep to ${maxTokens} tokens.`],
  };
}

function itemsOf(result: RetrieveResult): Item[] {
  const tokensOf = (entry: object) => tokensOfText(JSON.stringify(entry));
  const shortTerm = result.short_term_memory.map((page, i, all) => ({
    of: page,
    use: 1 - olderLoss * (all.length - 1 - i),
    tokens: tokensOf(page),
    stays: false,
  }));
  const pages = result.retrieved_pages.map((page) => ({
    of: page,
    use: page.score,
    tokens: tokensOf(page),
    stays: false,
  }));
  const facts = [...result.retrieved_user_knowledge, ...result.retrieved_assistant_knowledge].map((fact) => ({
    of: fact,
    use: fact.score,
    tokens: tokensOf(fact),
    stays: fact.pinned === true && fact.current,
  }));
  const profile: Item = {
    of: 'profile',
    use: profileUse,
    tokens: tokensOfText(result.user_profile),
    stays: false,
  };
  return [...shortTerm, ...pages, ...facts, profile];
}

/** What is returned in any case. */
function fixedTokens(result: RetrieveResult): number {
  return tokensOfText(result.query) + tokensOfText(result.guidance) + 100;
}
