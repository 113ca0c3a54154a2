import { latinLanguageOfText, wordsIn } from '../../lib/text/words.js';
import type { Page } from '../../model/page.js';
import { compoundsOf } from './compounds.js';
import type { EnglishReader } from './english.js';
import { namesNoTopic, nounPhrasesOf } from './noun-phrases.js';
import { captionsOf, plainText, sentencesOf, withoutCaptions } from './plain-text.js';

/** The content of a page, in any language, for finding its topic. */
export interface PageReading {
  readonly page: Page;
  /** Index terms with their weight. The user's words weigh more. */
  readonly weights: ReadonlyMap<string, number>;
  /** Terms of capitalised words inside sentences. */
  readonly names: ReadonlySet<string>;
  /** Candidates for keywords and for the theme, in readable form, lower-cased, with their terms. */
  readonly phrases: readonly Phrase[];
  readonly sentences: readonly SummarySentence[];
  readonly userText: string;
  readonly agentText: string;
}

export interface Phrase {
  readonly text: string;
  readonly terms: readonly string[];
  readonly weight: number;
  /** False for a phrase that is used only as a label. */
  readonly isKeyword: boolean;
  /**
   * False for the content of pictures and for words that name no topic. They may be keywords, but not the
   * theme.
   */
  readonly isTold: boolean;
}

export interface SummarySentence {
  readonly text: string;
  readonly terms: readonly string[];
  readonly byUser: boolean;
}

const agentShare = 0.5;

/** Whether enough of a text is English to use the English model. */
export function isEnglish(text: string): boolean {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const latin = text.match(/[a-z]/gi)?.length ?? 0;
  return latin > 0 && latin >= letters * 0.8 && latinLanguageOfText(text) === 'english';
}

/** Whether a text contains an English line or sentence among others. */
export function isPartlyEnglish(text: string): boolean {
  return isEnglish(text) || sentencesOf(text).some(isEnglish);
}

/** Index terms of a text, in the language it is written in. */
export function termsIn(text: string): string[] {
  return wordsIn(text, latinLanguageOfText(text));
}

/**
 * Reads a page once for continuity, topics, keywords and summaries. `reader` is null if no side is English.
 */
export function readPage(page: Page, reader: EnglishReader | null): PageReading {
  const userText = plainText(page.user_input);
  const agentText = plainText(page.agent_response);
  const called = vocativesIn(`${userText}\n${agentText}`);
  const weights = new Map<string, number>();
  const names = new Set<string>();
  const phrases: Phrase[] = [];
  const sentences: SummarySentence[] = [];
  for (const [text, share] of [
    [userText, 1],
    [agentText, agentShare],
  ] as const) {
    for (const term of termsIn(text)) {
      const weight = called.has(term) ? vocativeWeight : weightOf(term);
      weights.set(term, (weights.get(term) ?? 0) + share * weight);
    }
    for (const match of text.matchAll(/(?<=[\p{Ll}\p{N},;] )\p{Lu}[\p{L}\p{M}'’-]{1,40}/gu)) {
      for (const term of termsIn(match[0])) if (!called.has(term)) names.add(term);
    }
    phrases.push(
      ...phrasesOf(withoutCaptions(text), share, reader).filter(
        ({ terms }) => !terms.every((term) => called.has(term)),
      ),
      ...captionsOf(text)
        .flatMap((shown) => phrasesOf(shown, share, reader))
        .map((phrase) => ({ ...phrase, isTold: false })),
    );
    for (const sentence of sentencesOf(withoutCaptions(text))) {
      sentences.push({ text: sentence, terms: termsIn(sentence), byUser: share === 1 });
    }
  }
  return { page, weights, names, phrases, sentences, userText, agentText };
}

function phraseOf(text: string, share: number, isKeyword: boolean): Phrase {
  const terms = wordsIn(text, 'english');
  return { text, terms, weight: share * meanWeight(terms), isKeyword, isTold: !namesNoTopic(text) };
}

function phrasesOf(text: string, share: number, reader: EnglishReader | null): Phrase[] {
  if (reader !== null && isEnglish(text)) {
    return nounPhrasesOf(reader.read(text)).flatMap(({ label, keywords }) => [
      ...keywords.map((word) => phraseOf(word, share, true)),
      ...(keywords.includes(label) ? [] : [phraseOf(label, share, false)]),
    ]);
  }
  const language = latinLanguageOfText(text);
  const termsOf = new Map<string, string[]>();
  return compoundsOf(text)
    .map((token) => {
      const terms = termsOf.get(token) ?? wordsIn(token, language);
      termsOf.set(token, terms);
      return { text: token, terms };
    })
    .filter(({ text: token, terms }) => terms.length > 0 && isTelling(token))
    .map((phrase) => ({
      ...phrase,
      weight: share * meanWeight(phrase.terms),
      isKeyword: true,
      isTold: true,
    }));
}

const vocativeWeight = 0.05;

/**
 * Terms of names that are only used to address somebody ("Thanks, Anna!"). The text says nothing about these
 * people.
 */
function vocativesIn(text: string): Set<string> {
  const called = new Set<string>();
  for (const match of text.matchAll(vocative)) {
    for (const term of termsIn(match[1] ?? match[2] ?? '')) called.add(term);
  }
  return called;
}
const vocative =
  /\b(?:hey|hi|hello|thanks|thank you|wow|yeah|yes|yep|congrats|sorry|sure|ok|okay|agree)\b,? (\p{Lu}\p{L}{1,20})(?=[ ]?[,.!?]|$)|(?<=\p{L}), (\p{Lu}\p{L}{1,20})(?=[ ]?[!?.]\s)/gimu;

/**
 * Whether a token is informative. A single character of a script without spaces and a bare number are not.
 */
function isTelling(token: string): boolean {
  return [...token].length > 1 && /\p{L}/u.test(token);
}

function meanWeight(terms: readonly string[]): number {
  if (terms.length === 0) return 0;
  return terms.reduce((sum, term) => sum + weightOf(term), 0) / terms.length;
}

/** Index terms of small talk, which show no topic. */
const smallTalk = new Set(
  (
    'thank thing great awesom good nice cool love glad happi hope feel think know make take want need look ' +
    'sound time day today amaz fun realli lot way tri sure help go get got come say said tell talk see lot bit ' +
    'super definit absolut wonder excit interest appreci year week month last next new like realiz someth ' +
    'anyth everyth guy friend peopl person life world one two first kind stuff mean start keep let ye yep ' +
    'congrat wait share best back photo pictur pic still even much mani well pretti tonight tomorrow yesterday morn night ' +
    'imag question answer pleas welcom happen work idea moment fantast incred enjoy user assist support journey ' +
    '我的 你的 需要 可以 觉得 知道 喜欢 今天 明天 昨天 现在 一个 一下 一些 谢谢 最近 非常 时候 开始 应该 已经'
  ).split(' '),
);

/** How informative a term is in general. Its rarity in this memory is not included. */
export function weightOf(term: string): number {
  if (smallTalk.has(term)) return 0.15;
  return /^\p{N}+$/u.test(term) ? 0.4 : 1;
}
