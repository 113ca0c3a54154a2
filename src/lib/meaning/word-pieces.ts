const maxCharactersOfWord = 100;
const continued = '##';

/** The special pieces of every BERT vocabulary. */
export const specialPieces = { unknown: '[UNK]', start: '[CLS]', end: '[SEP]' } as const;

/** A piece of a text: its number in the vocabulary, and the position of its word in the text. */
export interface Piece {
  readonly id: number;
  /** The complete normalised word. */
  readonly word: string;
}

/**
 * Cuts texts into word pieces like the uncased BERT models (Devlin et al., 2019): it removes control
 * characters, separates Chinese characters, removes accents, lower-cases, and separates punctuation. Then it
 * repeatedly takes the longest known beginning of each word.
 */
export class WordPieces {
  readonly #ids: ReadonlyMap<string, number>;
  readonly unknown: number;
  readonly start: number;
  readonly end: number;

  /**
   * `vocabulary` has one piece on each line, numbered from 0. Throws a plain Error if special pieces are
   * missing.
   */
  constructor(vocabulary: string) {
    const lines = vocabulary.split('\n');
    if (lines.at(-1) === '') lines.pop();
    this.#ids = new Map(lines.map((piece, id) => [piece, id]));
    const special = (piece: string) => {
      const id = this.#ids.get(piece);
      if (id === undefined) throw new Error(`The vocabulary has no ${piece}.`);
      return id;
    };
    this.unknown = special(specialPieces.unknown);
    this.start = special(specialPieces.start);
    this.end = special(specialPieces.end);
  }

  /**
   * The pieces of a text in order, without start and end. Reads the text only as far as the caller requests
   * pieces.
   */
  *piecesOf(text: string): Generator<Piece, void> {
    for (const word of wordsIn(text)) {
      for (const id of this.#piecesOfWord(word)) yield { id, word };
    }
  }

  #piecesOfWord(word: string): number[] {
    const characters = [...word];
    if (characters.length > maxCharactersOfWord) return [this.unknown];
    const ids: number[] = [];
    let from = 0;
    while (from < characters.length) {
      let to = characters.length;
      let id: number | undefined;
      while (to > from && id === undefined) {
        const piece = characters.slice(from, to).join('');
        id = this.#ids.get(from === 0 ? piece : continued + piece);
        if (id === undefined) to -= 1;
      }
      if (id === undefined) return [this.unknown];
      ids.push(id);
      from = to;
    }
    return ids;
  }
}

/**
 * Length of the text that is normalised at once. Of a page of several megabytes, only the part that is read
 * is normalised.
 */
const stretchCharacters = 4_000;
const spaceBackMax = 200;

function* wordsIn(text: string): Generator<string, void> {
  for (let from = 0; from < text.length; ) {
    let to = Math.min(text.length, from + stretchCharacters);
    // Cuts at a space if there is one.
    for (let back = to; to < text.length && back > to - spaceBackMax; back--) {
      if (/\s/.test(text.charAt(back))) {
        to = back;
        break;
      }
    }
    for (const match of normalised(text.slice(from, to)).matchAll(wordPattern)) yield match[0];
    from = to;
  }
}

/** ASCII signs count as punctuation, too. Other runs without spaces are words. */
const wordPattern = /[\p{P}$+<=>^`|~]|[^\p{P}$+<=>^`|~\s]+/gu;
const controls = /[^\P{C}\t\n\r]|\u{FFFD}/gu;
const chinese =
  /[\u{4E00}-\u{9FFF}\u{3400}-\u{4DBF}\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B820}-\u{2CEAF}\u{F900}-\u{FAFF}\u{2F800}-\u{2FA1F}]/gu;

function normalised(text: string): string {
  return (
    text
      .toWellFormed()
      .replace(controls, '')
      .replace(chinese, ' $& ')
      .normalize('NFD')
      .replace(/\p{Mn}/gu, '')
      // Lower-cased separately, because `toLowerCase` would turn a final sigma into another letter.
      .replace(/Σ/g, 'σ')
      .toLowerCase()
  );
}
