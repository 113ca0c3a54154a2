import { regularOf } from './irregular-english.js';
import { latinLanguageOf, stemmerOf, stopWordsOf } from './language.js';
import type { Language } from './languages.js';

/**
 * The index terms of a text, in order: NFKC, lower case, stop words dropped, stems where the word's language
 * has a stemmer, diacritics folded. Chinese, Japanese, Thai, Lao, Khmer and Burmese are cut by Intl.Segmenter.
 */
export function words(text: string): string[] {
  return termsOfTokens(tokensOf(text));
}

/** Index terms of a text whose Latin-script words are known to be in one language. */
export function wordsIn(text: string, latinLanguage: Language): string[] {
  return termsOf(tokensOf(text), latinLanguage);
}

/** The language of the Latin-script words of a text, as {@link words} decides it. */
export function latinLanguageOfText(text: string): Language {
  return latinLanguageOf(tokensOf(text));
}

/** The words of a text as written but for NFKC and lower case; nothing dropped, nothing stemmed. */
export function tokensOf(text: string): string[] {
  const runs = runsOf(text);
  if (!runs.some(isUnspaced)) return runs;
  return runs.flatMap((token) => (isUnspaced(token) ? segmented(token) : [token]));
}

/** Index terms of tokens that are at hand already; their Latin-script words in the given language. */
export function termsOfTokens(tokens: readonly string[], latinLanguage = latinLanguageOf(tokens)): string[] {
  return termsOf(tokens, latinLanguage);
}

/** Whether a token is of a script written without spaces between words. */
export function isUnspaced(token: string): boolean {
  return token.charCodeAt(0) > 0xdff && unspaced.test(token);
}

/**
 * Runs of letters, marks and digits, NFKC and lower-cased: words where a script writes spaces, whole phrases
 * where it does not. The same on every platform, as no dictionary takes part.
 */
export function runsOf(text: string): string[] {
  const ascii = asciiOnly.test(text);
  const normal = (ascii ? text : compatible(text)).toLowerCase();
  return normal.match(ascii ? asciiToken : anyToken) ?? [];
}

/** NFKC takes the Thai sara am apart, which the segmenter's dictionary does not know. */
function compatible(text: string): string {
  return text.normalize('NFKC').replace(/\u0e4d\u0e32/gu, '\u0e33');
}

const asciiOnly = /^[\0-\x7f]*$/;
const asciiToken = /[a-z0-9]+(?:'[a-z0-9]+)*/g;
const anyToken = /[\p{L}\p{M}\p{N}]+(?:['’׳״][\p{L}\p{M}\p{N}]+)*/gu;
/** Scripts written without spaces between words. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

let segmenter: Intl.Segmenter | undefined;

function segmented(token: string): string[] {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'word' });
  const found: string[] = [];
  for (const part of segmenter.segment(token)) if (part.isWordLike === true) found.push(part.segment);
  return found;
}

const termCharactersMax = 64;
const cacheEntriesMax = 100_000;
/** By Latin language; a token's term, '' where it has none. */
const caches = new Map<Language, Map<string, string>>();

function termsOf(tokens: readonly string[], latinLanguage: Language): string[] {
  let cache = caches.get(latinLanguage);
  if (cache === undefined || cache.size > cacheEntriesMax) {
    cache = new Map();
    caches.set(latinLanguage, cache);
  }
  const terms: string[] = [];
  for (const token of tokens) {
    let term = cache.get(token);
    if (term === undefined) {
      term = termOf(token, latinLanguage);
      cache.set(token, term);
    }
    if (term !== '') terms.push(term);
  }
  return terms;
}

function termOf(token: string, latinLanguage: Language): string {
  const straight = token.replace(/[’׳]/gu, "'").replace(/״/gu, '');
  const language = languageOfToken(straight, latinLanguage);
  if (language === null) return straight.slice(0, termCharactersMax);
  if (isStopWord(straight, language)) return '';
  const normal = normalised(longestPart(straight), language);
  if (normal === '' || isStopWord(normal, language) || isLatinLetter.test(normal)) return '';
  if (normal.length > termCharactersMax) return normal.slice(0, termCharactersMax);
  const regular = language === 'english' ? (regularOf(normal) ?? normal) : normal;
  const stemmed = stemmerOf(language)?.(regular) ?? regular;
  // Written ة or ه at will, and left by the stemmer in some forms.
  const bare = language === 'arabic' && stemmed.length > 3 ? stemmed.replace(/[ةه]$/u, '') : stemmed;
  return folded(bare === '' ? normal : bare);
}

const isLatinLetter = /^\p{Script=Latin}$/u;

/** A word in Han characters alone may be Chinese or Japanese. */
function isStopWord(word: string, language: Language): boolean {
  if (stopWordsOf(language).has(word)) return true;
  return language === 'chinese' && stopWordsOf('japanese').has(word);
}

/** "caroline's" is about caroline, "l'homme" about homme. */
function longestPart(token: string): string {
  if (!token.includes("'")) return token;
  return token.split("'").reduce((best, part) => (part.length > best.length ? part : best), '');
}

function languageOfToken(token: string, latinLanguage: Language): Language | null {
  if (/[a-z]/.test(token) || /\p{Script=Latin}/u.test(token)) return latinLanguage;
  if (/\p{Script=Cyrillic}/u.test(token)) return /[іїєґ]/u.test(token) ? 'ukrainian' : 'russian';
  if (/\p{Script=Arabic}/u.test(token)) return 'arabic';
  if (/\p{Script=Hebrew}/u.test(token)) return 'hebrew';
  if (/\p{Script=Greek}/u.test(token)) return 'greek';
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(token)) return 'japanese';
  if (/\p{Script=Han}/u.test(token)) return 'chinese';
  if (/\p{Script=Thai}/u.test(token)) return 'thai';
  return null;
}

function normalised(token: string, language: Language): string {
  switch (language) {
    case 'arabic':
      return token
        .replace(/[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0640]/gu, '')
        .replace(/[أإآٱ]/gu, 'ا')
        .replace(/[ىی]/gu, 'ي')
        .replace(/ک/gu, 'ك');
    case 'hebrew':
      return withoutParticles(token.replace(/[\u0591-\u05c7]/gu, ''));
    case 'russian':
    case 'ukrainian':
      return token.replace(/ё/gu, 'е').replace(/\u0301/gu, '');
    default:
      return token;
  }
}

/**
 * Hebrew writes "and", "the", "in", "to", "as", "from", "that" onto the word. No library takes them off, so all
 * leading letters that may be one go, in bare words too: what is left is alike for all forms of a word.
 */
function withoutParticles(word: string): string {
  let start = 0;
  while (word.length - start > 3 && 'והבלכמש'.includes(word.charAt(start))) start += 1;
  return word.slice(start);
}

const unfoldable = new Map([
  ['ø', 'o'],
  ['ł', 'l'],
  ['đ', 'd'],
  ['æ', 'ae'],
  ['œ', 'oe'],
  ['ß', 'ss'],
  ['ı', 'i'],
]);

/** "josé" is found by "jose". Only where marks are an accent and not another letter. */
function folded(word: string): string {
  if (asciiOnly.test(word) || !/^[\p{Script=Latin}\p{Script=Greek}\p{M}\p{N}]+$/u.test(word)) return word;
  return word
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[øłđæœßı]/gu, (letter) => unfoldable.get(letter) ?? letter);
}
