import type { Page } from '../../model/page.js';

/** So many pages must a name be said on, and so much oftener than by the other side, to be what a side is called. */
const calledMin = 3;
const calledRatioMin = 3;
/** Names are looked for anew once the memory has grown by this factor; among at most so many pages. */
const growth = 1.5;
const pagesLookedAt = 500;

type Side = 'user' | 'agent';

const pronouns = {
  user: { self: 'I', owned: 'my' },
  agent: { self: 'you', owned: 'your' },
} as const satisfies Record<Side, object>;
const nameAsked = /(?<![\p{L}\p{N}])(\p{Lu}[\p{L}\p{M}]+)(['’]s)?(?![\p{L}\p{N}])/gu;

const fallback = { user: 'User', agent: 'Assistant' } as const;

/** "Hi Anna!", "Good to see you, Anna.": a name behind a comma or a greeting and before a stop. */
const vocative =
  /(?:\p{L},\s+|\b(?:hi|hello|hey|thanks|thank you|dear|bye|morning|evening|night)[,!]?\s+)(\p{Lu}[\p{L}\p{M}]+)(?=[!?.,;]|$)/giu;

/** What each side of a memory is called, as far as the other side says it. */
export class SpeakerNames {
  #names: { readonly user: string; readonly agent: string } = fallback;
  #lookedAtPages = 0;

  /** A page as it is read by meaning: who says what. An empty side is left out. */
  textOf(page: Page): string {
    return [`${this.#names.user}: ${page.user_input}`, `${this.#names.agent}: ${page.agent_response}`]
      .filter((_, i) => (i === 0 ? page.user_input : page.agent_response).trim() !== '')
      .join('\n');
  }

  /**
   * A question as the user would ask it of the assistant: "Where does Anna's dog sleep?" is "Where does my dog sleep?".
   * A name stands before all that its side says and tells pages apart little. `ids` may be names too.
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
   * To be told now and then of all pages; looks at some of them where there are many more than before. Returns
   * whether a side is called otherwise than before.
   */
  look(pages: Iterable<Page>, count: number): boolean {
    if (count < this.#lookedAtPages * growth || count === 0) return false;
    this.#lookedAtPages = count;
    const said = { user: new Map<string, number>(), agent: new Map<string, number>() };
    let looked = 0;
    for (const page of pages) {
      if (looked === pagesLookedAt) break;
      looked += 1;
      countNames(page.user_input, said.user);
      countNames(page.agent_response, said.agent);
    }
    // The user is called by the assistant, and the other way round.
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
