import { regularOf } from './irregular-english.js';
import { latinLanguageOf, stemmerOf, stopWordsOf } from './language.js';
import type { Language } from './languages.js';
import { piecesOf } from './pieces.js';

/**
 * The index terms of a text, in order: NFKC, lower case, without stop words, stemmed when the language has a
 * stemmer, diacritics folded. Intl.Segmenter cuts Chinese, Japanese, Thai, Lao, Khmer and Burmese into words.
 */
export function words(text: string): string[] {
  return termsOfTokens(tokensOf(text));
}

/** The index terms of a text whose Latin-script words are known to be in one language. */
export function wordsIn(text: string, latinLanguage: Language): string[] {
  return termsOf(tokensOf(text), latinLanguage);
}

/** The language of a text's Latin-script words, as {@link words} determines it. */
export function latinLanguageOfText(text: string): Language {
  return latinLanguageOf(tokensOf(text));
}

/** The words of a text in NFKC and lower case, with stop words and without stemming. Takes linear time. */
export function tokensOf(text: string): string[] {
  const found: string[] = [];
  for (const tokens of tokensInPieces(text)) for (const token of tokens) found.push(token);
  return found;
}

/**
 * Like {@link tokensOf}, for one piece of at most 8,192 characters at a time, so that a caller can pause in
 * between.
 */
export function* tokensInPieces(text: string): Generator<string[], void> {
  for (const piece of piecesOf(text)) {
    const runs = runsOfPiece(piece);
    yield runs.some(isUnspaced)
      ? runs.flatMap((token) => (isUnspaced(token) ? segmented(token) : [token]))
      : runs;
  }
}

/**
 * The index terms of tokens that were computed already. Their Latin-script words are in the given language.
 */
export function termsOfTokens(tokens: readonly string[], latinLanguage = latinLanguageOf(tokens)): string[] {
  return termsOf(tokens, latinLanguage);
}

/** Whether a token belongs to a script written without spaces between words. */
export function isUnspaced(token: string): boolean {
  return token.charCodeAt(0) > 0xdff && unspaced.test(token);
}

/**
 * Runs of letters, marks and digits in NFKC and lower case: words in scripts with spaces, whole phrases in
 * others. No dictionary is used, so the result is the same on every platform.
 */
export function runsOf(text: string): string[] {
  const found: string[] = [];
  for (const piece of piecesOf(text)) for (const run of runsOfPiece(piece)) found.push(run);
  return found;
}

function runsOfPiece(piece: string): string[] {
  const ascii = asciiOnly.test(piece);
  const normal = (ascii ? piece : compatible(piece)).toLowerCase();
  return normal.match(ascii ? asciiToken : anyToken) ?? [];
}

/**
 * Normalises to NFKC, with two corrections. NFKC splits the Thai sara am, which the segmenter's dictionary
 * then does not recognise. NFKC sorts marks in quadratic time, so long runs of marks are cut; no word has
 * more than a few.
 */
function compatible(text: string): string {
  return text
    .replace(manyMarks, '$1')
    .normalize('NFKC')
    .replace(/\u0e4d\u0e32/gu, '\u0e33');
}

const manyMarks = /(\p{M}{16})\p{M}+/gu;
const asciiOnly = /^[\0-\x7f]*$/;
const asciiToken = /[a-z0-9]+(?:'[a-z0-9]+)*/g;
const anyToken = /[\p{L}\p{M}\p{N}]+(?:['’׳״][\p{L}\p{M}\p{N}]+)*/gu;
/** Scripts written without spaces between words. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

let segmenter: Intl.Segmenter | undefined;

/** The segmenter takes time quadratic in the length of its input. */
const segmentedCharactersMax = 512;
/**
 * The last words of a window may continue after its end, so they are cut again together with what follows.
 */
const openCharacters = 32;

function segmented(token: string): string[] {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'word' });
  const found: string[] = [];
  let from = 0;
  while (from < token.length) {
    const window = token.slice(from, from + segmentedCharactersMax);
    const isLast = from + window.length === token.length;
    let read = isLast ? window.length : 0;
    for (const { segment, index, isWordLike } of segmenter.segment(window)) {
      if (!isLast && index > 0 && index + segment.length > window.length - openCharacters) break;
      read = Math.max(read, index + segment.length);
      if (isWordLike === true) found.push(segment);
    }
    from += read;
  }
  return found;
}

const termCharactersMax = 64;
/** Only the beginning of a longer run is used. */
const tokenCharactersMax = 4 * termCharactersMax;
const cacheEntriesMax = 100_000;
/** By Latin language: the term of each token, '' when it has none. */
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
      // Long tokens rarely repeat and would use much memory.
      if (token.length <= termCharactersMax) cache.set(token, term);
    }
    if (term !== '') terms.push(term);
  }
  return terms;
}

function termOf(whole: string, latinLanguage: Language): string {
  const token = whole.slice(0, tokenCharactersMax);
  const straight = token.replace(/[’׳]/gu, "'").replace(/״/gu, '');
  const language = languageOfToken(straight, latinLanguage);
  if (language === null) return straight.slice(0, termCharactersMax);
  if (isStopWord(straight, language)) return '';
  const normal = normalised(longestPart(straight), language);
  if (normal === '' || isStopWord(normal, language) || isLatinLetter.test(normal)) return '';
  if (normal.length > termCharactersMax) return normal.slice(0, termCharactersMax);
  // Codes and numbers are not stemmed; "7th" and "1980s" become 7 and 1980.
  if (/\d/.test(normal)) return folded(language === 'english' ? normal.replace(ordinal, '$1') : normal);
  const regular = language === 'english' ? (regularOf(normal) ?? normal) : normal;
  const stemmed = stemmerOf(language)?.(regular) ?? regular;
  // Arabic texts write either ة or ه here, and the stemmer keeps it in some forms.
  const bare = language === 'arabic' && stemmed.length > 3 ? stemmed.replace(/[ةه]$/u, '') : stemmed;
  return folded(bare === '' ? normal : bare);
}

const ordinal = /^(\d+)(?:st|nd|rd|th|s)$/;
const isLatinLetter = /^\p{Script=Latin}$/u;

/** A word in Han characters may be Chinese or Japanese. */
function isStopWord(word: string, language: Language): boolean {
  if (stopWordsOf(language).has(word)) return true;
  return language === 'chinese' && stopWordsOf('japanese').has(word);
}

/** "caroline's" gives caroline, "l'homme" gives homme. */
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
 * Hebrew attaches "and", "the", "in", "to", "as", "from" and "that" to the beginning of a word. No library
 * removes them, so all leading letters that can be such a particle are removed, also from words without a
 * particle. The rest is then equal for all forms of a word.
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

/** Makes "jose" find "josé". Removes marks only when they are accents and do not make another letter. */
function folded(word: string): string {
  if (asciiOnly.test(word) || !/^[\p{Script=Latin}\p{Script=Greek}\p{M}\p{N}]+$/u.test(word)) return word;
  return word
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[øłđæœßı]/gu, (letter) => unfoldable.get(letter) ?? letter);
}
