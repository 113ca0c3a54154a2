/**
 * The Porter stemmer (Porter, 1980) with the extensions of NLTK's `PorterStemmer`, which LoCoMo's evaluation
 * uses: a Porter 2 stemmer would give other scores ("day" and "days", but also "dies" and "carefully" differ).
 */
export function porterStem(word: string): string {
  const irregular = irregularStems.get(word);
  if (irregular !== undefined) return irregular;
  if (word.length <= 2) return word;
  return [step1a, step1b, step1c, step2, step3, step4, step5a, step5b].reduce(
    (stem, step) => step(stem),
    word,
  );
}

const irregularStems = new Map(
  Object.entries({
    sky: 'sky skies',
    die: 'dying',
    lie: 'lying',
    tie: 'tying',
    news: 'news',
    inning: 'innings inning',
    outing: 'outings outing',
    canning: 'cannings canning',
    howe: 'howe',
    proceed: 'proceed',
    exceed: 'exceed',
    succeed: 'succeed',
  }).flatMap(([stem, forms]) => forms.split(' ').map((form): [string, string] => [form, stem])),
);

/** A suffix, its replacement, and the condition for the letters before it. */
type Rule = readonly [suffix: string, replacement: string, holds: (stem: string) => boolean];

function isConsonant(word: string, at: number): boolean {
  const letter = word.charAt(at);
  if ('aeiou'.includes(letter)) return false;
  return letter !== 'y' || at === 0 || !isConsonant(word, at - 1);
}

/** How often a vowel is followed by a consonant. */
function measure(stem: string): number {
  let count = 0;
  for (let at = 1; at < stem.length; at++)
    if (!isConsonant(stem, at - 1) && isConsonant(stem, at)) count += 1;
  return count;
}

const measured = (stem: string): boolean => measure(stem) > 0;
const measuredTwice = (stem: string): boolean => measure(stem) > 1;
const always = (): boolean => true;

function hasVowel(stem: string): boolean {
  for (let at = 0; at < stem.length; at++) if (!isConsonant(stem, at)) return true;
  return false;
}

function endsDouble(word: string): boolean {
  const last = word.length - 1;
  return last > 0 && word.charAt(last) === word.charAt(last - 1) && isConsonant(word, last);
}

/** Consonant, vowel, consonant other than w, x and y; in NLTK also a word of vowel and consonant. */
function endsShort(word: string): boolean {
  const last = word.length - 1;
  if (word.length === 2) return !isConsonant(word, 0) && isConsonant(word, 1);
  return (
    last > 1 &&
    isConsonant(word, last - 2) &&
    !isConsonant(word, last - 1) &&
    isConsonant(word, last) &&
    !'wxy'.includes(word.charAt(last))
  );
}

/** Applies the first rule whose suffix the word has. If its condition fails, no other rule is tried. */
function applied(word: string, rules: readonly Rule[]): string {
  for (const [suffix, replacement, holds] of rules) {
    if (!word.endsWith(suffix)) continue;
    const stem = word.slice(0, word.length - suffix.length);
    return holds(stem) ? stem + replacement : word;
  }
  return word;
}

function rulesOf(list: string, holds: (stem: string) => boolean): Rule[] {
  return list.split(' ').map((entry): Rule => {
    const [suffix = '', replacement = ''] = entry.split('>');
    return [suffix, replacement, holds];
  });
}

const rules1a = rulesOf('sses>ss ies>i ss>ss s>', always);

function step1a(word: string): string {
  return word.endsWith('ies') && word.length === 4 ? `${word.slice(0, -3)}ie` : applied(word, rules1a);
}

function step1b(word: string): string {
  if (word.endsWith('ied')) return word.slice(0, -3) + (word.length === 4 ? 'ie' : 'i');
  if (word.endsWith('eed')) return measured(word.slice(0, -3)) ? word.slice(0, -1) : word;
  const suffix = ['ed', 'ing'].find((end) => word.endsWith(end) && hasVowel(word.slice(0, -end.length)));
  if (suffix === undefined) return word;
  const stem = word.slice(0, -suffix.length);
  if (/(?:at|bl|iz)$/.test(stem)) return `${stem}e`;
  if (endsDouble(stem)) return 'lsz'.includes(stem.slice(-1)) ? stem : stem.slice(0, -1);
  return measure(stem) === 1 && endsShort(stem) ? `${stem}e` : stem;
}

const afterConsonant = (stem: string): boolean => stem.length > 1 && isConsonant(stem, stem.length - 1);

function step1c(word: string): string {
  return applied(word, [['y', 'i', afterConsonant]]);
}

const rules2: readonly Rule[] = [
  ...rulesOf(
    'ational>ate tional>tion enci>ence anci>ance izer>ize bli>ble alli>al entli>ent eli>e ousli>ous ' +
      'ization>ize ation>ate ator>ate alism>al iveness>ive fulness>ful ousness>ous aliti>al iviti>ive biliti>ble fulli>ful',
    measured,
  ),
  // NLTK measures the stem with the "l" of "logi".
  ['logi', 'log', (stem) => measured(`${stem}l`)],
];

function step2(word: string): string {
  if (word.endsWith('alli') && measured(word.slice(0, -4))) return step2(word.slice(0, -2));
  return applied(word, rules2);
}

const rules3 = rulesOf('icate>ic ative> alize>al iciti>ic ical>ic ful> ness>', measured);

function step3(word: string): string {
  return applied(word, rules3);
}

const rules4: readonly Rule[] = [
  ...rulesOf('al> ance> ence> er> ic> able> ible> ant> ement> ment> ent>', measuredTwice),
  ['ion', '', (stem) => measuredTwice(stem) && /[st]$/.test(stem)],
  ...rulesOf('ou> ism> ate> iti> ous> ive> ize>', measuredTwice),
];

function step4(word: string): string {
  return applied(word, rules4);
}

function step5a(word: string): string {
  if (!word.endsWith('e')) return word;
  const stem = word.slice(0, -1);
  const count = measure(stem);
  return count > 1 || (count === 1 && !endsShort(stem)) ? stem : word;
}

function step5b(word: string): string {
  return word.endsWith('ll') && measuredTwice(word.slice(0, -1)) ? word.slice(0, -1) : word;
}
