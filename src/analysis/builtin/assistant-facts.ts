import { type Page, wallTimeOfPage } from '../../model/page.js';
import { listed } from './assistant-lists.js';
import type { EnglishReader, Token } from './english.js';
import type { PageFact } from './page-fact.js';
import { isVague, nounListAt, nounPhraseAt, phraseText, trimmed } from './phrases.js';
import { plainText, withoutCaptions } from './plain-text.js';
import { isEnglish } from './reading.js';
import { refusalOf } from './sentence-guards.js';
import { verbGroupAt } from './verb-group.js';
import { pastOf, thirdPerson } from './verbs.js';
import { withoutTime } from './without-time.js';
import { emptyHeads } from './word-lists.js';

const wordsMax = 16;

/** What the assistant recommended, promised or made, in its own words. */
export function assistantFacts(pages: readonly Page[], reader: EnglishReader): PageFact[] {
  return pages.flatMap((page) => {
    const raw = page.agent_response.replace(/["“][^"“”\n]{1,400}["”]/gu, (quoted) => quoted.slice(1, -1));
    const text = withoutCaptions(plainText(raw));
    if (!isEnglish(text)) return [];
    const told = reader.read(text).flatMap(({ tokens }) => factOf(tokens, page));
    if (told.length === 0) return listed(page).slice(0, factsAPageMax);
    const sentences = sentencesOfAnswer(page);
    const quoted = told.flatMap((fact): PageFact[] => {
      const quote = quoteOf(fact, sentences);
      return quote === null ? [] : [{ ...fact, quote }];
    });
    return [...listed(page), ...quoted].slice(0, factsAPageMax);
  });
}

interface AnswerSentence {
  readonly text: string;
  readonly words: ReadonlySet<string>;
}

function sentencesOfAnswer({ agent_response }: Page): AnswerSentence[] {
  const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });
  return agent_response.split('\n').flatMap((line) =>
    [...segmenter.segment(line)].map(({ segment }) => ({
      text: segment.trim(),
      words: new Set(wordsIn(segment)),
    })),
  );
}

function wordsIn(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/**
 * Share of the words of a fact that its source sentence must contain. It is below 1, because contractions
 * were spelled out.
 */
const sharedWordsMin = 0.7;

/** The sentence of the answer from which a fact was read; null if no sentence contains its words. */
function quoteOf({ quote }: PageFact, sentences: readonly AnswerSentence[]): string | null {
  const read = wordsIn(quote);
  let best: { readonly text: string; readonly shared: number } | null = null;
  for (const { text, words } of sentences) {
    const shared = read.filter((word) => words.has(word)).length / Math.max(1, read.length);
    if (shared >= sharedWordsMin && shared > (best?.shared ?? 0)) best = { text, shared };
  }
  return best?.text ?? null;
}

const factsAPageMax = 4;

function factOf(tokens: readonly Token[], page: Page): PageFact[] {
  if (tokens.length > 60 || tokens.some(({ text }) => /[?]/.test(text)) || isSupposed(tokens)) return [];
  const found = recommended(tokens, page) ?? promised(tokens, page) ?? made(tokens, page) ?? [];
  return found.map((fact) => ({ ...fact, quote: phraseText(tokens) }));
}

function isSupposed(tokens: readonly Token[]): boolean {
  const refusal = refusalOf(tokens);
  return refusal !== null && refusal !== 'hypothetical';
}

const advising = /^(?:recommend|suggest|advise)$/;

/** "I recommend the tacos", "I would suggest booking early", "you should try Da Mario", "check out …". */
function recommended(tokens: readonly Token[], page: Page): PageFact[] | null {
  const at = tokens.findIndex(({ text }) => text === 'I');
  if (at !== -1 && isStart(tokens, at)) {
    const verb = verbGroupAt(tokens, at + 1);
    if (
      verb !== null &&
      advising.test(verb.lemma) &&
      !verb.negated &&
      (verb.modal === null || verb.modal === 'would')
    ) {
      const toUser = tokens[verb.end]?.lower === 'you' && tokens[verb.end + 1]?.lower === 'to';
      return told(toUser ? 'advised' : 'recommended', tokens.slice(verb.end), page, true);
    }
  }
  const start =
    tokens[0]?.lower === 'you'
      ? 0
      : tokens.findIndex(({ lower }, i) => lower === 'you' && isStart(tokens, i));
  if (start !== -1 && /^(?:should|could|might)$/.test(tokens[start + 1]?.lower ?? '')) {
    let i = start + 2;
    while (/^(?:also|definitely|really|totally|want|to|maybe)$/.test(tokens[i]?.lower ?? '')) i += 1;
    return tryOut(tokens, i, page);
  }
  return /^(?:try|visit|consider|check)$/.test(tokens[0]?.lower ?? '') ? tryOut(tokens, 0, page) : null;
}

function isStart(tokens: readonly Token[], at: number): boolean {
  return tokens
    .slice(0, at)
    .every(
      ({ lower, pos }) =>
        /^(?:so|well|then|also|and|yes|sure|ok|okay|of|course|great|absolutely|,|!|\.|honestly|personally|maybe|definitely)$/.test(
          lower,
        ) || pos === 'INTJ',
    );
}

const tried = /^(?:try|visit|read|watch|see|consider|book|order|get|use|check)$/;

function tryOut(tokens: readonly Token[], at: number, page: Page): PageFact[] | null {
  const verb = tokens[at]?.lower ?? '';
  if (!tried.test(verb)) return null;
  const out = verb === 'check' ? (tokens[at + 1]?.lower === 'out' ? 2 : 0) : 1;
  if (out === 0) return null;
  const phrase = nounPhraseAt(tokens, at + out);
  if (
    phrase === null ||
    !(phrase.tokens.some(({ pos }) => pos === 'PROPN') || /^(?:an?)$/.test(phrase.determiner))
  )
    return null;
  const gerund = {
    try: 'trying',
    visit: 'visiting',
    read: 'reading',
    watch: 'watching',
    see: 'seeing',
    consider: 'considering',
    book: 'booking',
    order: 'ordering',
    use: 'using',
    check: 'checking out',
  }[verb];
  return told(`recommended ${gerund ?? verb}`.trim(), tokens.slice(at + out), page, false);
}

/** "I will remind you to call your mother", "I promise to send the link". */
function promised(tokens: readonly Token[], page: Page): PageFact[] | null {
  const at = tokens.findIndex(({ text }) => text === 'I');
  if (at === -1 || !isStart(tokens, at)) return null;
  const verb = verbGroupAt(tokens, at + 1);
  if (verb === null || verb.negated || verb.modal !== null || verb.adverbs.length > 1) return null;
  const rest = tokens.slice(verb.end);
  if (verb.lemma === 'promise' && verb.tense === 'present' && rest[0]?.lower === 'to')
    return told('promised', rest, page, true);
  const kept =
    /^(?:remind|send|prepare|book|order|look|bring|write|email|share|show|teach|cook|bake|call|schedule|draft|notify|help|find|pick|reserve)$/;
  if (verb.tense !== 'future' || !kept.test(verb.lemma)) return null;
  if (
    !rest.some(({ lower }) => /^(?:you|your)$/.test(lower)) &&
    !/^(?:book|schedule|reserve|draft|prepare)$/.test(verb.lemma)
  )
    return null;
  return told(`promised to ${verb.lemma}`, rest, page, false);
}

/** "I have booked a table for you", "I created a packing list", "here is a recipe for …". */
function made(tokens: readonly Token[], page: Page): PageFact[] | null {
  if (tokens[0]?.lower === 'here' && /^(?:is|are)$/.test(tokens[1]?.lower ?? '')) {
    const phrase = nounListAt(tokens, 2);
    const useful =
      /^(?:recipe|list|plan|itinerary|schedule|summary|table|draft|outline|guide|checklist|script|code|function|template|translation|poem|story|overview|routine|workout|menu|map|timeline|calendar|explanation|example|comparison)s?$/;
    if (phrase === null || !useful.test(phrase.head.lower) || /^(?:my|the|our)$/.test(phrase.determiner))
      return null;
    // "Here is a draft:" does not say what the draft is about.
    const given = told('gave the user', tokens.slice(2), page, true);
    return given?.some(({ value }) => /^(?:an? |some )?\p{L}+$/u.test(value)) ? null : given;
  }
  const at = tokens.findIndex(({ text }) => text === 'I');
  if (at === -1 || !isStart(tokens, at)) return null;
  const verb = verbGroupAt(tokens, at + 1);
  if (verb === null || verb.negated || verb.modal !== null || !/^(?:past|perfect)$/.test(verb.tense))
    return null;
  if (
    !/^(?:book|create|add|set|schedule|write|draft|send|save|prepare|order|reserve|make|generate|update|fix|change|note|find|put|compile|translate|design|explain)$/.test(
      verb.lemma,
    )
  )
    return null;
  const rest = tokens.slice(verb.end);
  const forUser = rest.some(({ lower }) => /^(?:you|your)$/.test(lower));
  const artefact =
    /^(?:set|schedule|reminder|add)$/.test(verb.lemma) &&
    rest.some(({ lower }) => /^(?:reminder|alarm|timer|calendar|list)$/.test(lower));
  if (!forUser && !artefact) return null;
  return told(pastOf(verb.lemma, verb.said), rest, page, false);
}

const retold: Readonly<Record<string, string>> = {
  you: 'the user',
  your: "the user's",
  yours: "the user's",
  yourself: 'themselves',
  me: 'the assistant',
  my: 'its',
};

function told(verb: string, rest: readonly Token[], page: Page, isOpen: boolean): PageFact[] | null {
  const atMs = wallTimeOfPage(page);
  const cut = rest.findIndex(
    ({ text, lower }, i) =>
      /^[.;:!—–(]+$/.test(text) ||
      /^(?:because|since|so|which|but|while|as|if|when|where|who|before|after|until)$/.test(lower) ||
      (text === ',' && !isListComma(rest, i)),
  );
  const clause = withoutTime(trimmed(cut === -1 ? rest : rest.slice(0, cut)), atMs, 'future');
  const words = clearParts(withoutUser(trimmed(clause.rest), isOpen));
  const named = words.find(({ pos }) => pos === 'NOUN' || pos === 'PROPN');
  if (words.length === 0 || words.length > wordsMax || named === undefined) return null;
  if (emptyHeads.has(named.lower) || /^(?:mistake|error|typo)s?$/.test(named.lower)) return null;
  if (words.some(({ lower }) => /^(?:our|us|we)$/.test(lower))) return null;
  if (isVague(words.filter(({ lower }) => !/^(?:you|your|yourself)$/.test(lower)))) return null;
  const text = phraseText(words.map((word, i) => retoldToken(verb.split(' ').at(-1) ?? '', word, i, words)));
  const when = clause.when?.startMs !== undefined && clause.when.startMs > atMs ? clause.when : null;
  return [{ text: `The assistant ${verb} ${text}`, value: text.toLowerCase(), when, quote: '', page }];
}

/**
 * Replaces "you" by "the user" if its verb follows: "the day you move" becomes "the day the user moves".
 * "Help you move" stays unchanged.
 */
function retoldToken(verb: string, token: Token, i: number, tokens: readonly Token[]): Token {
  const isWished = tokens[0]?.lower === 'that';
  if (
    tokens[i - 1]?.lower === 'you' &&
    !isWished &&
    !/^(?:help|let|make)$/.test(tokens[i - 2]?.lower ?? verb) &&
    /^(?:VERB|AUX)$/.test(token.pos) &&
    token.lower === token.lemma
  ) {
    return { ...token, text: thirdPerson(token.lemma) };
  }
  if (tokens[i - 1]?.lower === 'you' && token.lower === 'are') return { ...token, text: 'is' };
  return { ...token, text: retold[token.lower] ?? token.text };
}

/** The parts of a list that are clear without context: "X for the fun of it and Y" gives "X and Y". */
function clearParts(tokens: readonly Token[]): readonly Token[] {
  if (!isVague(tokens.filter(({ lower }) => !/^(?:you|your)$/.test(lower)))) return tokens;
  const parts: Token[][] = [[]];
  for (const token of tokens) {
    if (token.text === ',' || token.lower === 'and') parts.push([]);
    else parts.at(-1)?.push(token);
  }
  const clear = parts.flatMap((part) => {
    if (part.length === 0) return [];
    if (!isVague(part)) return [part];
    const phrase = nounPhraseAt(part, 0);
    return phrase === null || isVague(phrase.tokens) || phrase.determiner === 'the' ? [] : [phrase.tokens];
  });
  const and: Token = { text: 'and', lower: 'and', lemma: 'and', pos: 'CCONJ', glued: false };
  return clear.flatMap((part, i) => (i === 0 ? part : [and, ...part]));
}

/** "recommend you (to) try": removes "you", because the user is not the thing recommended. */
function withoutUser(tokens: readonly Token[], isOpen: boolean): readonly Token[] {
  return isOpen && tokens[0]?.lower === 'that' && tokens[1]?.lower !== 'you' ? tokens.slice(1) : tokens;
}

function isListComma(tokens: readonly Token[], at: number): boolean {
  const next =
    nounPhraseAt(tokens, at + 1) ?? (tokens[at + 1]?.lower === 'and' ? nounPhraseAt(tokens, at + 2) : null);
  return next !== null && !/^(?:VERB|AUX|PRON)$/.test(tokens[next.end]?.pos ?? '');
}
