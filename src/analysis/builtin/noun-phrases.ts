import type { Sentence, Token } from './english.js';
import { abstracts, emptyHeads, judgements, moods } from './word-lists.js';

const wordsMax = 3;

/** A noun phrase, lower-cased, without articles, and with its head in the singular. */
export interface NounPhraseText {
  /** The phrase as a label: "sourdough starter". */
  readonly label: string;
  /**
   * Its words: "sourdough" and "starter". A name of several words counts as one. Two texts on the same
   * subject share keywords.
   */
  readonly keywords: readonly string[];
}

export function nounPhrasesOf(sentences: readonly Sentence[]): NounPhraseText[] {
  return sentences.flatMap(({ tokens }) => phrasesIn(tokens));
}

function phrasesIn(tokens: readonly Token[]): NounPhraseText[] {
  const found: NounPhraseText[] = [];
  let run: Token[] = [];
  const close = (): void => {
    const phrase = phraseOf(run);
    if (phrase !== null) found.push(phrase);
    run = [];
  };
  for (const token of tokens.map(asName)) {
    const last = run.at(-1);
    if (!isPart(token)) close();
    else {
      if (last !== undefined && !fits(last, token)) close();
      run.push(token);
    }
  }
  close();
  return found;
}

/** Treats an unknown word with a capital inside a sentence as a name: "Da Mario". */
function asName(token: Token, i: number): Token {
  const isCapital = i > 0 && /^\p{Lu}\p{L}+$/u.test(token.text);
  return isCapital && !/^(?:PRON|AUX|VERB|INTJ)$/.test(token.pos) ? { ...token, pos: 'PROPN' } : token;
}

function isPart(token: Token): boolean {
  if (!/^[\p{L}\p{N}][\p{L}\p{M}\p{N}.&'-]*$/u.test(token.text)) return false;
  if (emptyNouns.has(token.lower)) return false;
  if (token.pos === 'PROPN') return true;
  if (judgements.has(token.lower) || moods.has(token.lower)) return false;
  return token.pos === 'NOUN' || (token.pos === 'ADJ' && !emptyAdjectives.has(token.lower));
}

/**
 * Whether a token continues a phrase. A name continues only with names. A noun may follow an adjective or a
 * noun.
 */
function fits(last: Token, token: Token): boolean {
  if (token.pos === 'ADJ') return last.pos === 'ADJ';
  return true;
}

function phraseOf(run: readonly Token[]): NounPhraseText | null {
  const nouns = run.filter((token) => token.pos !== 'ADJ');
  const head = run.at(-1);
  if (head === undefined || nouns.length === 0 || head.pos === 'ADJ') return null;
  const names = run.filter((token) => token.pos === 'PROPN');
  // "swim lesson Sophie": a name is kept without the common nouns around it.
  const isName = names.length > 1;
  const kept = isName ? names : run.slice(-wordsMax);
  const label = kept
    .map((token, i) => (i === kept.length - 1 ? singular(token) : token.text.toLowerCase()))
    .join(' ')
    .replace(/\.$/, '');
  if (label.length <= 2 || label.length > 60) return null;
  return { label, keywords: isName ? [label] : nouns.map(singular).filter((word) => word.length > 2) };
}

/**
 * Whether a phrase is too general to name a topic: "an important part", "the problem". The last word decides.
 */
export function namesNoTopic(phrase: string): boolean {
  const head = phrase.slice(phrase.lastIndexOf(' ') + 1);
  return emptyHeads.has(head) || abstracts.has(head) || emptyHeadsOfTalk.has(head);
}

function singular(token: Token): string {
  return (token.pos === 'NOUN' ? token.lemma : token.text).toLowerCase().replace(/\.$/, '');
}

const emptyHeadsOfTalk = new Set(
  'situation choice corner impact bond resource step key progress goal care advice reminder collection touch beginning end start finish start side top bottom kind type piece set group person people man woman guy girl boy lady folk friend buddy pal name number list example case reason result chance opportunity option matter detail info information update news activity event level stage process system area place spot location weekend morning evening afternoon night hour minute second moment season date today vibe mood attitude mindset perspective importance value passion dream interest hobby talent skill ability effort practice habit routine balance control focus change difference improvement success failure mistake trouble worry stress pressure fear doubt risk issue concern thought mind opinion view answer reply message text call conversation chat talk discussion comment picture image photo pic shot view color colour size shape form style look appearance fan lover bummer blast mess deal shit fuck damn hell crap luck wish congratulation anytime asap dude bro sis mate babe honey dear addition encouragement gesture compassion quote heat elegance remedy session break'.split(
    ' ',
  ),
);
const emptyNouns = new Set(
  'image lot lots thing things way ways bit kind sort hey hi hello wow thanks thank yeah yes no ok okay lol haha hmm long little ready right now ngl tbh imo idk oh please time day days today tomorrow yesterday tonight week month year one ones something anything everything nothing stuff guys bye cheers btw omg congrats i me you'.split(
    ' ',
  ),
);
const emptyAdjectives = new Set(
  'favorite favourite past important main own free full long short hard easy early late close true sure certain possible recent current future extra special perfect personal local busy good great nice new last next other own same such many much more most few several awesome cool amazing sure happy glad little big able different whole right ready first second best better real super fun'.split(
    ' ',
  ),
);
