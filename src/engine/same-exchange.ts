import { originKey, type Page } from '../model/page.js';
import type { Need, Slices } from '../ports/store.js';

/** Two records of one exchange have times within this distance. */
const withinMs = 30 * 60_000;
/**
 * Share of words that both texts must contain. An agent may shorten what it stores, so its text is compared by the
 * words of the shorter one. Texts of two clients are complete and are compared by the words of the longer one, because
 * a long text may contain the words of a short one by chance.
 */
const userShareMin = 0.9;
const agentShareMin = 0.8;
/**
 * A user's text of at least this many words is not said twice within half an hour, so the answer need not
 * match.
 */
const tellingWordsMin = 6;

/** What {@link sameExchange} needs to read about these pages. */
export function needOfSame(pages: readonly Page[]) {
  return {
    pages: pages.map(({ id }) => id),
    around: pages.map(({ timestamp }) => {
      const timeMs = Date.parse(timestamp);
      return { fromMs: timeMs - withinMs, untilMs: timeMs + withinMs };
    }),
  } satisfies Need;
}

/**
 * The stored page of the same exchange: with the same id, or stored by the agent itself when this one comes
 * from a hook, or by the hook of another client in the same editor. Two pages of one origin are never the
 * same exchange.
 */
export function sameExchange(known: Pick<Slices, 'pages' | 'around'>, page: Page): Page | undefined {
  const same = known.pages.get(page.id);
  if (same !== undefined) return same.page;
  const origin = originOf(page);
  const others = known.around.filter((other) => originOf(other) !== origin && isNear(other, page));
  if (others.length === 0) return undefined;
  const words = wordsOfBoth(page);
  return others.find((other) =>
    tellsTheSame(wordsOfBoth(other), words, origin !== null && originOf(other) !== null),
  );
}

function isNear(a: Page, b: Page): boolean {
  return Math.abs(Date.parse(a.timestamp) - Date.parse(b.timestamp)) <= withinMs;
}

/** The client whose hook or history brought the page; null when the agent stored it. */
function originOf(page: Page): string | null {
  const origin = page.meta_data[originKey];
  if (typeof origin !== 'object' || origin === null || Array.isArray(origin)) return null;
  return typeof origin.client === 'string' ? origin.client : '';
}

interface ExchangeWords {
  readonly user: ReadonlySet<string>;
  readonly agent: ReadonlySet<string>;
}

function wordsOfBoth(page: Page): ExchangeWords {
  return { user: wordsOf(page.user_input), agent: wordsOf(page.agent_response) };
}

function tellsTheSame(a: ExchangeWords, b: ExchangeWords, areComplete: boolean): boolean {
  const size = areComplete ? Math.max : Math.min;
  if (sharedWords(a.user, b.user, size) < userShareMin) return false;
  if (Math.min(a.user.size, b.user.size) >= tellingWordsMin) return true;
  return sharedWords(a.agent, b.agent, Math.min) >= agentShareMin;
}

function wordsOf(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu));
}

/** The number of words in both texts, as a share of this size of them. */
function sharedWords(
  a: ReadonlySet<string>,
  b: ReadonlySet<string>,
  sizeOf: (a: number, b: number) => number,
): number {
  if (a.size === 0 || b.size === 0) return a.size === b.size ? 1 : 0;
  let shared = 0;
  for (const word of a) if (b.has(word)) shared += 1;
  return shared / sizeOf(a.size, b.size);
}
