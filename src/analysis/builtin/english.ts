import type { ItemSentence, ItemToken, TokenItsFunction, WinkMethods } from 'wink-nlp';

/** A token of English text with its part of speech (universal tag set) and lemma. */
export interface Token {
  readonly text: string;
  readonly lower: string;
  readonly lemma: string;
  readonly pos: string;
  /** Whether it follows the previous token without a space. */
  readonly glued: boolean;
}

export interface Sentence {
  readonly tokens: readonly Token[];
}

/** Reads English text: sentences, parts of speech and lemmas. */
export interface EnglishReader {
  read(text: string): Sentence[];
}

let reader: Promise<EnglishReader> | undefined;

/** The reader. It is loaded for the first text that needs it, because the model takes 0.2 s and 50 MB. */
export function loadEnglishReader(): Promise<EnglishReader> {
  reader ??= load();
  return reader;
}

async function load(): Promise<EnglishReader> {
  const [{ default: winkNLP }, { default: model }] = await Promise.all([
    import('wink-nlp'),
    import('wink-eng-lite-web-model'),
  ]);
  const nlp = winkNLP(model, ['sbd', 'pos']);
  return { read: (text) => text.split('\n').flatMap((line) => readLine(nlp, line)) };
}

function readLine(nlp: WinkMethods, line: string): Sentence[] {
  const text = spelledOut(tame(line)).trim();
  if (text === '') return [];
  const { its } = nlp;
  // In the types of the package, the third parameter of its.lemma differs from the one that out() passes.
  const lemma = its.lemma as TokenItsFunction<string>;
  const sentences: Sentence[] = [];
  nlp
    .readDoc(text)
    .sentences()
    .each((sentence: ItemSentence) => {
      const tokens: Token[] = [];
      sentence.tokens().each((token: ItemToken) => {
        const surface = token.out();
        tokens.push({
          text: surface,
          lower: surface.toLowerCase(),
          lemma: token.out(lemma),
          pos: token.out(its.pos),
          glued: token.out(its.precedingSpaces) === '',
        });
      });
      if (tokens.length > 0) sentences.push({ tokens: hyphenated(tokens) });
    });
  return sentences;
}

/** Joins "self", "-", "care" into one word. */
function hyphenated(tokens: readonly Token[]): Token[] {
  const joined: Token[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const [token, next] = [tokens[i], tokens[i + 1]];
    const last = joined.at(-1);
    if (token === undefined) continue;
    if (last !== undefined && next !== undefined && token.text === '-' && token.glued && next.glued) {
      joined[joined.length - 1] = {
        text: `${last.text}-${next.text}`,
        lower: `${last.lower}-${next.lower}`,
        lemma: `${last.lower}-${next.lemma}`,
        pos: next.pos,
        glued: last.glued,
      };
      i += 1;
    } else joined.push(token);
  }
  return joined;
}

const runCharactersMax = 40;

/**
 * Shortens long runs without a space. The tokeniser takes quadratic time for them (1.7 s for 16,000
 * characters), and no word of a dialogue is that long.
 */
function tame(text: string): string {
  return text
    .replace(/([^\p{L}\p{N}\s])\1{3,}/gu, '$1$1$1')
    .replace(/\S+/gu, (run) => (run.length > runCharactersMax ? ' ' : run));
}

const contractions: readonly (readonly [RegExp, string])[] = [
  [/[’ʼ‘]/g, "'"],
  [/\bI'm\b|\bim\b/gi, 'I am'],
  [/\bI've\b|\bive\b/gi, 'I have'],
  [/\b(\p{L}+)'re\b/gu, '$1 are'],
  [/\b(\p{L}+)'ve\b/gu, '$1 have'],
  [/\b(\p{L}+)'ll\b/gu, '$1 will'],
  [/\b(\p{L}+)'d (been|already|always|never|just)\b/giu, '$1 had $2'],
  [/\b(\p{L}+)'d\b/gu, '$1 would'],
  [/\bwon't\b|\bwont\b/gi, 'will not'],
  [/\bcan't\b|\bcant\b|\bcannot\b/gi, 'can not'],
  [/\bain't\b/gi, 'am not'],
  [/\b(do|does|did|is|are|was|were|has|have|had|would|could|should)n'?t\b/gi, '$1 not'],
  [/\blet's\b/gi, 'let us'],
  [
    /\b(it|that|he|she|there|what|who|where)'s ((?:always |already |just |really )?(?:been|got|had|made|become|\p{L}{2,}ed))\b/giu,
    '$1 has $2',
  ],
  [/\b(it|that|he|she|there|what|who|where|here)'s\b/gi, '$1 is'],
  [/\b(name|birthday|favou?rite)'s\b/gi, '$1 is'],
  [/\bgonna\b/gi, 'going to'],
  [/\bwanna\b/gi, 'want to'],
  [/\bgotta\b/gi, 'have to'],
  [/(?<!\p{L})'cause\b|\bcuz\b/giu, 'because'],
  [/(\p{L})in'(?!\p{L})/gu, '$1ing'],
  [/(?<![\p{L}\p{N}'.])i(?![\p{L}\p{N}'.])/gu, 'I'],
];

/** Spells out contractions, so that a verb group reads the same in both forms. */
export function spelledOut(text: string): string {
  return contractions.reduce((result, [pattern, full]) => result.replace(pattern, full), text);
}
