const units =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty'.split(
    ' ',
  );
const ordinals =
  'zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth'.split(' ');
const others: Readonly<Record<string, number>> = {
  thirty: 30,
  forty: 40,
  fifty: 50,
  sixty: 60,
  seventy: 70,
  eighty: 80,
  ninety: 90,
  hundred: 100,
  thousand: 1000,
  dozen: 12,
  couple: 2,
  pair: 2,
  both: 2,
  twice: 2,
  twins: 2,
  once: 1,
  single: 1,
  triplets: 3,
};

/** A number and the word it counts, if one follows. */
export interface Counted {
  readonly value: number;
  readonly noun: string | null;
}

/**
 * The numbers of an English statement, in digits, words or as ordinals. "one of" and "second" (of time) do
 * not count.
 */
export function numbersIn(text: string): Counted[] {
  const words =
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/\d+(?:[.,]\d+)*(?:st|nd|rd|th)?|[\p{L}]+/gu) ?? [];
  const found: Counted[] = [];
  words.forEach((word, i) => {
    const tens = numberOfWord(words[i - 1] ?? '');
    const value = numberOfWord(word);
    if (value === null || (word === 'one' && !/^\d|^\p{L}{3}/u.test(words[i + 1] ?? ''))) return;
    if (tens !== null && tens >= 20 && tens % 10 === 0 && tens < 100 && value < 10) found.pop();
    const whole =
      tens !== null && tens >= 20 && tens % 10 === 0 && tens < 100 && value < 10 ? tens + value : value;
    found.push({ value: whole, noun: nounAfter(words, i) });
  });
  return found;
}

/** Whether a word is a number, in digits or letters. */
export function isNumber(word: string): boolean {
  return numberOfWord(word) !== null;
}

function numberOfWord(word: string): number | null {
  const digits = /^\d/.test(word)
    ? Number(
        word
          .replace(/(?:st|nd|rd|th)$/, '')
          .replace(/,(?=\d{3})/g, '')
          .replace(',', '.'),
      )
    : Number.NaN;
  if (Number.isFinite(digits)) return digits;
  const unit = units.indexOf(word);
  if (unit !== -1) return unit;
  const ordinal = ordinals.indexOf(word);
  if (ordinal > 2) return ordinal;
  return Object.hasOwn(others, word) ? (others[word] ?? null) : null;
}

const between =
  /^(?:of|more|other|old|young|new|little|small|big|large|black|white|lovely|beautiful|great|different|whole|full)$/;

function nounAfter(words: readonly string[], at: number): string | null {
  const noun = words.slice(at + 1, at + 4).find((word) => !between.test(word) && numberOfWord(word) === null);
  return noun === undefined ? null : singular(noun);
}

function singular(noun: string): string {
  return noun.replace(/ies$/, 'y').replace(/(?:(?<=(?:s|x|ch|sh))es|(?<!s)s)$/, '');
}

/**
 * Whether every number of a fact occurs in the quote and counts the same thing there. `also`: numbers known
 * from elsewhere, such as those of the date.
 */
export function numbersAgree(fact: string, said: string, also: ReadonlySet<number>): boolean {
  const there = numbersIn(said);
  return numbersIn(fact).every(({ value, noun }) => {
    const same = noun === null ? [] : there.filter((other) => other.noun === noun);
    if (same.length > 0) return same.some((other) => other.value === value);
    if (also.has(value) || there.some((other) => other.value === value)) return true;
    return value === 1 && /\b(?:an?|my|the)\b/i.test(said);
  });
}
