import type { Page } from '../../model/page.js';

/**
 * A name counts as the name of a side if the other side says it on at least this many pages, and this many
 * times as often as the side itself.
 */
const calledMin = 3;
const calledRatioMin = 3;
/**
 * Names are searched again after the memory has grown by this factor. The search reads a limited number of
 * pages.
 */
const growth = 1.5;
const pagesReadMax = 500;

type Side = 'user' | 'agent';

const pronouns = {
  user: { self: 'I', owned: 'my' },
  agent: { self: 'you', owned: 'your' },
} as const satisfies Record<Side, object>;
const nameAsked = /(?<![\p{L}\p{N}])(\p{Lu}[\p{L}\p{M}]+)(['’]s)?(?![\p{L}\p{N}])/gu;

const fallback = { user: 'User', agent: 'Assistant' } as const;

/** "Hi Anna!", "Good to see you, Anna.": a name after a comma or a greeting and before punctuation. */
const vocative =
  /(?:\p{L},\s+|\b(?:hi|hello|hey|thanks|thank you|dear|bye|morning|evening|night)[,!]?\s+)(\p{Lu}[\p{L}\p{M}]+)(?=[!?.,;]|$)/giu;

/** The names of the two sides of a memory, learned from how the other side addresses them. */
export class SpeakerNames {
  #names: { readonly user: string; readonly agent: string } = fallback;
  #learnedAtPages = 0;

  /** The text of a page for the reader: each side with its name. An empty side is omitted. */
  textOf(page: Page): string {
    return [`${this.#names.user}: ${page.user_input}`, `${this.#names.agent}: ${page.agent_response}`]
      .filter((_, i) => (i === 0 ? page.user_input : page.agent_response).trim() !== '')
      .join('\n');
  }

  /**
   * Rewrites a question as the user would ask the assistant: "Where does Anna's dog sleep?" becomes "Where
   * does my dog sleep?". In the text of a page, the name of a side precedes everything that the side says. So
   * the name hardly distinguishes pages. The `ids` may be names, too.
   */
  asked(question: string, ids: { readonly user: string; readonly agent: string }): string {
    const sideOf = new Map<string, Side>();
    for (const side of ['user', 'agent'] as const) {
      for (const name of [this.#names[side], ids[side]]) sideOf.set(name.toLowerCase(), side);
    }
    return question.replace(nameAsked, (written: string, name: string, owns: string | undefined) => {
      const side = sideOf.get(name.toLowerCase());
      return side === undefined ? written : pronouns[side][owns === undefined ? 'self' : 'owned'];
    });
  }

  /**
   * Call it from time to time with all pages. If the number of pages has grown enough, it examines some of
   * them. Returns whether the name of a side has changed.
   */
  learn(pages: Iterable<Page>, count: number): boolean {
    if (count < this.#learnedAtPages * growth || count === 0) return false;
    this.#learnedAtPages = count;
    const said = { user: new Map<string, number>(), agent: new Map<string, number>() };
    let seen = 0;
    for (const page of pages) {
      if (seen === pagesReadMax) break;
      seen += 1;
      countNames(page.user_input, said.user);
      countNames(page.agent_response, said.agent);
    }
    // The assistant says the user's name, and the user says the assistant's name.
    const { user, agent } = this.#names;
    this.#names = {
      user: called(said.agent, said.user) ?? fallback.user,
      agent: called(said.user, said.agent) ?? fallback.agent,
    };
    return user !== this.#names.user || agent !== this.#names.agent;
  }
}

const charactersMax = 2_000;

function countNames(text: string, into: Map<string, number>): void {
  const names = new Set<string>();
  for (const match of text.slice(0, charactersMax).matchAll(vocative)) {
    const [, name = ''] = match;
    if (/^\p{Lu}\p{Ll}/u.test(name)) names.add(name);
  }
  for (const name of names) into.set(name, (into.get(name) ?? 0) + 1);
}

function called(by: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): string | null {
  let best: string | null = null;
  let bestCount = calledMin - 1;
  for (const [name, count] of by) {
    if (count > bestCount && count >= calledRatioMin * (other.get(name) ?? 0)) {
      best = name;
      bestCount = count;
    }
  }
  return best;
}
