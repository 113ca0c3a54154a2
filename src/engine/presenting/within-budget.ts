import { setImmediate as nextTurn } from 'node:timers/promises';
import { charactersPerTokenMax, tokensOfText } from '../../lib/text/tokens.js';
import type { RetrievedPage, RetrieveResult, ShownPage } from '../../model/results.js';
import { beginningOf, passagesOf } from '../../retrieval/passages.js';

/** Share of the budget that facts and profile may use. */
const factsShare = 0.3;
const profileShare = 0.15;
/** Share of the budget reserved for the latest exchanges, when there are any. */
const latestShare = 0.15;
/** A page with fewer tokens of text is not useful. */
const pageTextTokensMin = 20;
const latestTextTokensMin = 12;
/** Weight of a latest exchange that is also among the results; 1 for others. */
const foundLatestWeight = 0.2;
/** Reserved for the notice about omissions. */
const noticeTokens = 45;

const tokensOf = (entry: object) => tokensOfText(JSON.stringify(entry)) + 1;

/**
 * Limits an answer to a number of tokens. Filled in this order: facts; pages, best first, long ones reduced
 * to the passages that answer; profile; latest exchanges, newest first and shortened. `about`: the terms of
 * the question with their weights. The totals stay, and a notice names what was omitted.
 */
export async function withinBudget(
  result: RetrieveResult,
  about: ReadonlyMap<string, number>,
  budgetTokens: number,
): Promise<RetrieveResult> {
  const empty = {
    ...result,
    user_profile: '',
    short_term_memory: [],
    retrieved_pages: [],
    retrieved_user_knowledge: [],
    retrieved_assistant_knowledge: [],
  };
  let left = budgetTokens - tokensOf(empty) - noticeTokens;
  const profileMax = Math.min(tokensOfText(result.user_profile), Math.floor(budgetTokens * profileShare));
  const latestMax = result.short_term_memory.length === 0 ? 0 : Math.floor(budgetTokens * latestShare);

  const facts = [...result.retrieved_user_knowledge, ...result.retrieved_assistant_knowledge].sort(
    (a, b) => b.score - a.score,
  );
  // The user wants these facts shown regardless of the budget.
  const pinned = facts.filter((fact) => fact.pinned === true && fact.current);
  const others = facts.filter((fact) => !pinned.includes(fact));
  const factsMax = result.retrieved_pages.length === 0 ? left : Math.min(left, budgetTokens * factsShare);
  const pinnedTokens = pinned.reduce((sum, fact) => sum + tokensOf(fact), 0);
  const keptFacts = new Set([...pinned, ...fitting(others, tokensOf, factsMax - pinnedTokens)]);
  for (const fact of keptFacts) left -= tokensOf(fact);

  const pages = await shortenedPages(result.retrieved_pages, about, left - profileMax - latestMax);
  for (const page of pages) left -= tokensOf(page);

  const profile = profileWithin(
    result.user_profile,
    Math.min(left - latestMax, budgetTokens * profileShare * 2),
  );
  left -= tokensOfText(profile);

  const latest = latestWithin(result.short_term_memory, new Set(pages.map((page) => page.page_id)), left);
  const leftOut = [
    counted(result.retrieved_pages.length - pages.length, 'page'),
    counted(facts.length - keptFacts.size, 'fact'),
    counted(result.short_term_memory.length - latest.length, 'latest exchange'),
    profile.length < result.user_profile.length ? 'part of the profile' : '',
  ].filter((text) => text !== '');
  return {
    ...result,
    user_profile: profile,
    short_term_memory: latest,
    retrieved_pages: pages,
    retrieved_user_knowledge: result.retrieved_user_knowledge.filter((fact) => keptFacts.has(fact)),
    retrieved_assistant_knowledge: result.retrieved_assistant_knowledge.filter((fact) => keptFacts.has(fact)),
    notices:
      leftOut.length === 0
        ? result.notices
        : [...result.notices, `Omitted to stay within ${budgetTokens} tokens: ${leftOut.join(', ')}.`],
  };
}

function counted(count: number, what: string): string {
  return count === 0 ? '' : `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** The first entries that fit. */
function fitting<T>(entries: readonly T[], cost: (entry: T) => number, tokensMax: number): T[] {
  const kept: T[] = [];
  let left = tokensMax;
  for (const entry of entries) {
    left -= cost(entry);
    if (left < 0) break;
    kept.push(entry);
  }
  return kept;
}

function withoutText<P extends ShownPage>(page: P): P {
  return { ...page, user_input: '', agent_response: '' };
}

/** Tokens of a page's texts. Counting may stop above `tokensMax`. */
function textTokens({ user_input, agent_response }: ShownPage, tokensMax: number): number {
  const sides = [user_input, agent_response];
  if (sides.some((text) => text.length > Math.max(0, tokensMax) * charactersPerTokenMax))
    return Math.max(0, tokensMax) + 1;
  // Counted in JSON form, which escapes line breaks and quotes.
  return sides.reduce((sum, text) => sum + tokensOfText(JSON.stringify(text)), 0);
}

async function shortenedPages(
  pages: readonly RetrievedPage[],
  about: ReadonlyMap<string, number>,
  tokensMax: number,
): Promise<RetrievedPage[]> {
  const least = (page: RetrievedPage) =>
    tokensOf(withoutText(page)) + Math.min(pageTextTokensMin, textTokens(page, pageTextTokensMin));
  const kept = fitting(pages, least, tokensMax);
  const forTexts = tokensMax - kept.reduce((sum, page) => sum + tokensOf(withoutText(page)), 0);
  // Better pages get a larger part of the budget.
  const shares = shared(
    kept.map((page) => textTokens(page, forTexts)),
    kept.map((_, i) => 1 / (i + 3)),
    forTexts,
  );
  const pagesShortened: RetrievedPage[] = [];
  for (const [i, page] of kept.entries()) {
    const short = shortened(page, shares[i] ?? 0, passagesOf(page, about));
    pagesShortened.push(short);
    // A page of a megabyte takes tens of milliseconds, so other calls get a turn in between.
    if (short !== page) await nextTurn();
  }
  return pagesShortened;
}

/**
 * The newest exchanges that fit, in chronological order. For those also among the results, the text is shown
 * there.
 */
function latestWithin(
  pages: readonly ShownPage[],
  found: ReadonlySet<string>,
  tokensMax: number,
): ShownPage[] {
  const newest = [...pages].reverse();
  const least = (page: ShownPage) =>
    tokensOf(withoutText(page)) + Math.min(latestTextTokensMin, textTokens(page, latestTextTokensMin));
  const kept = fitting(newest, least, tokensMax);
  const forTexts = tokensMax - kept.reduce((sum, page) => sum + tokensOf(withoutText(page)), 0);
  const shares = shared(
    kept.map((page) => textTokens(page, forTexts)),
    kept.map((page) => (found.has(page.page_id) ? foundLatestWeight : 1)),
    forTexts,
  );
  return kept
    .map((page, i) =>
      shortened(page, shares[i] ?? 0, (max) => ({
        user_input: beginningOf(page.user_input, Math.ceil(max / 2)),
        agent_response: beginningOf(page.agent_response, Math.floor(max / 2)),
      })),
    )
    .reverse();
}

type Shorten = (tokensMax: number) => { user_input: string; agent_response: string };

/**
 * Escapes cost tokens that are not visible in the text, so a text that is still too long is shortened once
 * more by the excess.
 */
function shortened<P extends ShownPage>(page: P, tokensMax: number, shorten: Shorten): P {
  if (textTokens(page, tokensMax) <= tokensMax) return page;
  let result: P = page;
  let aim = tokensMax - 2;
  for (let tries = 0; tries < 4; tries++) {
    result = { ...page, ...shorten(Math.max(1, aim)), shortened: true };
    const over = textTokens(result, tokensMax * 8) - tokensMax;
    if (over <= 0) break;
    aim = Math.floor(aim * (tokensMax / (tokensMax + over))) - 2;
  }
  return result;
}

/** Gives each what it needs, or a part by weight when there is not enough for all. */
function shared(needs: readonly number[], weights: readonly number[], total: number): number[] {
  const given = needs.map(() => 0);
  const open = new Set(needs.keys());
  let left = Math.max(0, total);
  while (open.size > 0) {
    const weight = [...open].reduce((sum, i) => sum + (weights[i] ?? 0), 0);
    const satisfied = [...open].filter((i) => (needs[i] ?? 0) <= (left * (weights[i] ?? 0)) / weight);
    if (satisfied.length === 0) {
      for (const i of open) given[i] = Math.floor((left * (weights[i] ?? 0)) / weight);
      break;
    }
    for (const i of satisfied) {
      given[i] = needs[i] ?? 0;
      left -= needs[i] ?? 0;
      open.delete(i);
    }
  }
  return given;
}

/** The first lines that fit. */
function profileWithin(profile: string, tokensMax: number): string {
  return fitting(profile.split('\n'), (line) => tokensOfText(line) + 2, tokensMax).join('\n');
}
