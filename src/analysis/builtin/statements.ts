import type { EnglishReader, Token } from './english.js';
import type { OwnWords } from './own-words.js';
import { isEnglish } from './reading.js';
import { type Refusal, refusalOf, supposing, toldPart } from './sentence-guards.js';
import { dislikes, likings } from './slots.js';
import { clauseStarts, openers, startsFiniteVerb } from './subjects.js';
import { type VerbGroup, verbGroupAt } from './verb-group.js';
import { knownVerb } from './verbs.js';
import { pets, relations } from './word-lists.js';

/**
 * The kind of subject of a statement:
 * - `user`: "I", "we"
 * - `theirs`: "my brother", "our project"
 * - `named`: "Tom"
 * - `thing`: "the deadline"
 * - `pronoun`: "her name is …"
 * - `dropped`: the "I" is omitted: "sold the Golf"
 * - `imperative`: "use tabs"
 * - `dependent`: "I" in a subordinate clause: "the house I live in …", "when I was small I …"
 * - `fragment`: no verb: "allergic to nuts"
 */
export type StatementKind =
  | 'user'
  | 'theirs'
  | 'named'
  | 'thing'
  | 'pronoun'
  | 'dropped'
  | 'imperative'
  | 'dependent'
  | 'fragment';

/** One statement of a user: a sentence, or a part of a sentence that is clear without the rest. */
export interface Statement {
  /** The exact words of the page. */
  readonly quote: string;
  /** The sentence before, if the statement begins a sentence with a pronoun and the one before it can be quoted. */
  readonly before: string | null;
  /** The sentence that the statement is a part of; one object for all its statements. */
  readonly sentence: PlacedSentence;
  readonly tokens: readonly Token[];
  readonly kind: StatementKind;
  /** The words before the subject: "last week". */
  readonly lead: readonly Token[];
  /** The words of the subject; empty if there is none. */
  readonly subject: readonly Token[];
  readonly verb: VerbGroup | null;
  /** Index of the first token of the verb group. */
  readonly verbAt: number;
  /** Everything after the verb group. */
  readonly rest: readonly Token[];
  /** Number of clauses with their own verb, whatever their subject. */
  readonly clauses: number;
  /** Whether the user asked to remember it. */
  readonly isToRemember: boolean;
  /**
   * The first part of a statement whose rest depends on it: "Coffee has grown on me" in "Coffee has grown on
   * me, I love it now". Null if the rest does not depend on it.
   */
  readonly core: SentenceForm | null;
}

/** A sentence of a text. */
export interface PlacedSentence {
  readonly text: string;
  /** Its exact words; null if it is too long, or if a part of it is not the user's own text (a quotation, code, a caption). */
  readonly quote: string | null;
}

/** The structure of a sentence. */
export type SentenceForm = Omit<Statement, 'quote' | 'before' | 'sentence' | 'isToRemember' | 'core'>;

/** The statements of a text, in order. `reject` is called with the reason for each rejected sentence. */
export function statementsOf(
  own: OwnWords,
  userInput: string,
  reader: EnglishReader,
  reject: (reason: string) => void,
): Statement[] {
  const sentences = sentencesIn(own.text);
  return sentences.flatMap((sentence, i) => {
    if (!isEnglish(sentence.text)) return [];
    const before = sentences[i - 1];
    const placed = placedSentence(sentence, userInput);
    return statementsIn(sentence, reader, reject).map((statement) => {
      const { from, to } = statement.place;
      const mayLean = statement.kind === 'pronoun' && from === sentence.from;
      return {
        ...statement,
        before: mayLean ? contextOf(before, sentence, userInput, reader) : null,
        sentence: placed,
        quote: userInput.slice(from, to).trim().replace(caption, '').replace(danglingEnd, ''),
      };
    });
  });
}

/**
 * The sentence before another one, if it can be quoted with it: it is not rejected, nothing in it is blanked, and
 * nothing stands between the two.
 */
function contextOf(
  before: Stretch | undefined,
  { from }: Stretch,
  userInput: string,
  reader: EnglishReader,
): string | null {
  if (before === undefined || before.text.trim().length > contextCharactersMax) return null;
  const end = before.from + before.text.length;
  const isWhole =
    userInput.slice(before.from, end) === before.text && userInput.slice(end, from).trim() === '';
  return isWhole && refusalOf(tokensOf(before.text, reader)) === null ? before.text.trim() : null;
}
const contextCharactersMax = 160;

function placedSentence({ text, from }: Stretch, userInput: string): PlacedSentence {
  const isWhole = text.length <= contextCharactersMax && userInput.slice(from, from + text.length) === text;
  return { text, quote: isWhole ? text.trim() : null };
}

/** Matches a caption at the end that a client added: "(image: a dog on a sofa)". */
const caption = /(?:\s*\((?:image|photo|picture|video|audio|file|attachment)s?:[^()]*\))+$/iu;
/** Matches words at the end of a part that join it to the next part. */
const danglingEnd = /[\s,;–—-]+(?:and|but|so|or|because|plus)?$/iu;

interface Stretch {
  readonly text: string;
  readonly from: number;
}

let segmenter: Intl.Segmenter | undefined;

function sentencesIn(text: string): Stretch[] {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'sentence' });
  const found: Stretch[] = [];
  let lineAt = 0;
  for (const line of text.split('\n')) {
    for (const { text: sentence, from } of joinedTitles([...segmenter.segment(line)])) {
      for (const part of runOn(sentence)) {
        const text = part.text.trimStart();
        const at = lineAt + from + part.from + part.text.length - text.length;
        if (/\p{L}/u.test(text)) found.push({ text, from: at });
      }
    }
    lineAt += line.length + 1;
  }
  return found;
}

/** Matches an abbreviation. The full stop of "Dr. Novak" does not end a sentence. */
const titled =
  /(?:^|[^\p{L}])(?:Dr|Mr|Mrs|Ms|Prof|St|Sr|Jr|No|vs|approx|etc|ave|dept|inc|est|e\.g|i\.e)\.\s*$/iu;

function joinedTitles(segments: readonly Intl.SegmentData[]): Stretch[] {
  const joined: Stretch[] = [];
  for (const { segment, index } of segments) {
    const last = joined.at(-1);
    if (last !== undefined && titled.test(last.text)) {
      joined[joined.length - 1] = { text: last.text + segment, from: last.from };
    } else joined.push({ text: segment, from: index });
  }
  return joined;
}

/**
 * Matches where a sentence begins that `Intl.Segmenter` does not find: after a full stop in text without capitals ("no
 * orm. code only"), and at a capitalised word that is never a name ("going to bed Yeah same But you?").
 */
const unstopped =
  /(?<=[\p{L}\p{N})]{2}[.!?]+ )(?=\p{Ll})|(?<=[\p{Ll}\p{N})] )(?=(?:Yeah|Yes|Yep|Yup|No|Nope|Nah|Ha(?:ha)+|Lol|Oh+|Ok|Okay|Hm+|Um+|But|And|So|Also|Its|It['’]s|Thats?|That['’]s|This|What|How|My|We|They|He|She|You|Your|There|If|When|Do|Did|Are|Is|Was|Have|Just|Because|Maybe|Then|Or)(?: |$))/gu;

function runOn(segment: string): Stretch[] {
  const found = [...segment.matchAll(unstopped)].map(({ index }) => index);
  const cuts = [0, ...found.filter((at) => !titled.test(segment.slice(0, at))), segment.length];
  return cuts.slice(1).map((to, i) => ({ text: segment.slice(cuts[i], to), from: cuts[i] ?? 0 }));
}

type Placed = Omit<Statement, 'quote' | 'before' | 'sentence'> & {
  readonly place: { readonly from: number; readonly to: number };
};

function statementsIn(sentence: Stretch, reader: EnglishReader, reject: (reason: string) => void): Placed[] {
  const { stretch, isToRemember } = withoutRequest(sentence);
  const told = toldStretch(stretch, reader);
  if (told === null) {
    reject('question');
    return [];
  }
  const tokens = tokensOf(told.text, reader);
  const refusal = refusalOf(tokens);
  const isRefused = refusal !== null && !(refusal === 'hypothetical' && isStandingOrder(tokens));
  if (isRefused) {
    reject(refusal satisfies Refusal);
  }
  const accepted = isRefused ? beforeConsequence(told, reader) : [told];
  return accepted
    .flatMap((stretch) => partsOf(stretch, reader))
    .map((part) => {
      return {
        ...formOf(tokensOf(part.text.replace(danglingEnd, ''), reader)),
        core: part.core === null ? null : formOf(tokensOf(part.core, reader)),
        isToRemember,
        place: { from: part.from, to: part.from + part.text.length },
      };
    });
}

const consequence = /\s*[,;]?\s+so\s+/giu;
const ofTheFuture = /^(?:if|when|whenever|please)\b/i;

/**
 * What comes before "so" in a rejected sentence, if a condition or an order follows: "My mother tongue is Tagalog, so if
 * an idiom is odd, say so". A part that takes the first one back does not begin so: "so the story goes".
 */
function beforeConsequence({ text, from }: Stretch, reader: EnglishReader): Stretch[] {
  if (tokensOf(text, reader).some(({ lower }) => supposing.has(lower) && !ofTheFuture.test(lower))) return [];
  const joint = [...text.matchAll(consequence)].find(({ index, 0: joint }) => {
    const after = text.slice(index + joint.length);
    return ofTheFuture.test(after) || formOf(tokensOf(after, reader)).kind === 'imperative';
  });
  if (joint === undefined) return [];
  const before = { text: text.slice(0, joint.index), from };
  const isStated = refusalOf(tokensOf(before.text, reader)) === null && hasClause(before, reader, false);
  return isStated ? [before] : [];
}

const remember =
  /^\s*(?:(?:hey|hi|ok|okay|so|and|also|btw|oh|please|pls|just|fyi|well),?\s+)*(?:(?:can|could|will|would) you\s+(?:please\s+)?)?(?:please\s+)?(?:remember|note|keep in mind|bear in mind|make a note|don['’]?t forget|do not forget|for the record|fyi|take note|memori[sz]e)(?:\s+(?:down|this|for (?:the future|later|next time)))?\s*(?:,|:|-|–|—|\bthat\b|\s(?=i\b|i['’]|my\b|we\b|our\b))\s*/i;

/**
 * Matches words before a finding, which counts as true: "Turns out I'm not allergic", "the allergist says I'm
 * not".
 */
const turnedOut =
  /^(?:[^?]{0,120}\s(?:and|so|but)\s+|[^?]{0,120}[,;:]\s*|\s*)(?:(?:as )?it )?turn(?:s|ed) out(?: that)?,?\s+(?=(?:i|my|we|our)\b|(?<=^.{0,24}))/i;

/** Matches "Sorry, that was wrong: …". The words after it replace the earlier statement. */
const correcting =
  /^\s*(?:(?:sorry|oops|no|wait|actually|ah|oh|hm+|well|ok|okay)[,.!]?\s+)*(?:(?:that|this|it|i) (?:was|is) (?:wrong|a mistake|a typo)|i (?:got|had) (?:that|it|this) wrong|(?:small )?correction|i misspoke|scratch that)\s*[:,;–—-]\s*(?=\S)/i;
/** Matches phrases that only introduce a statement. */
const introducing =
  /^\s*(?:(?:ok|okay|so|and|also|oh)[,]?\s+)*(?:just so you know|for what it['’]s worth|in case (?:it matters|you (?:wonder|need it))|good to know|small update|quick update|update|one more thing|another thing)\s*[:,;–—-]?\s+(?=\S)/i;

/** Removes the opening of a request such as "Remember that …". The rest must be stored. */
function withoutRequest(sentence: Stretch): { stretch: Stretch; isToRemember: boolean } {
  const opening = remember.exec(sentence.text)?.[0];
  if (opening === undefined) {
    const openings = [turnedOut, correcting, introducing];
    const found = Math.max(...openings.map((pattern) => pattern.exec(sentence.text)?.[0].length ?? 0));
    const stretch = { text: sentence.text.slice(found), from: sentence.from + found };
    return { stretch, isToRemember: false };
  }
  const isAsked = /\?\s*$/.test(sentence.text) && !/\b(?:can|could|will|would) you\b/i.test(opening);
  const text = sentence.text.slice(opening.length).replace(/\?\s*$/, isAsked ? '?' : ' ');
  // "Remember, every step counts" addresses the listener. So does "remember that healing takes time" if it is
  // not at the beginning of a text. Neither is a request to store something.
  const isSaying =
    (/[,–—-]\s*$/.test(opening) || sentence.from > 0) &&
    !/\b(?:please|pls|i|i['’]m|me|my|we|our|us)\b/i.test(sentence.text);
  return {
    stretch: { text, from: sentence.from + opening.length },
    isToRemember: !isAsked && !isSaying,
  };
}

export function tokensOf(text: string, reader: EnglishReader): readonly Token[] {
  if (lately.size > latelyMax) lately.clear();
  let tokens = lately.get(text);
  if (tokens === undefined) {
    tokens = reader.read(text).flatMap((sentence) => sentence.tokens);
    lately.set(text, tokens);
  }
  return tokens;
}
/** A cache, because the parts of a sentence are read several times. */
const lately = new Map<string, readonly Token[]>();
const latelyMax = 64;

const beforeQuestion = /[,;–—-]\s+|\s+(?:and|so|but)\s+/giu;

/**
 * The stated part of a sentence that also asks a question: "I live in Rome, do you know a baker?" Null for a
 * sentence that is only a question.
 */
function toldStretch(sentence: Stretch, reader: EnglishReader): Stretch | null {
  const tokens = tokensOf(sentence.text, reader);
  const told = toldPart(tokens);
  if (told.length === tokens.length) return sentence;
  if (told.length === 0) return null;
  for (const match of [...sentence.text.matchAll(beforeQuestion)].reverse()) {
    const text = sentence.text.slice(0, match.index);
    if (tokensOf(text, reader).length === told.length) return { text, from: sentence.from };
  }
  return null;
}

const seams =
  /;\s+|\s+[-–—]{1,2}\s+|,\s+(?:(?:and|but|so|plus|now)\s+)?(?=(?:i|i['’]\w+|im|ive|my|our|we|we['’]\w+)\s)|\s+(?:and|but|so)\s+(?=(?:i|i['’]\w+|im|ive|my|our|we|we['’]\w+)\s)/giu;
/**
 * Matches a place at which a name or a thing may begin the next clause: "Björn left, Amara is tech lead now".
 */
const otherSeams =
  /,\s+(?:(?:and|but|so)\s+)?(?=(?:the|\p{Lu}[\p{L}\p{N}]+)\s+(?:[\p{L}\p{N}-]+\s+){0,3}(?:is|are|was|were|has|does|goes|runs|lives|works)\s)/gu;
/** Adverbs that refer to an earlier part. */
const referring = /\b(?:there|so(?=[^\p{L}]*$)|instead|either|too|together|both)\b/iu;
/** Pronouns that refer to an earlier part if no noun of their own part comes before them. */
const standingIn = /^(?:it|its|that|this|these|those|they|them|their|he|she|his|her|him|one)$/;
const dependent =
  /^\s*(?:when|while|because|since|although|though|if|after|before|as|once|until|unless|whenever|where)\b/i;

/** "My brother is broke, so my guess is he will sell": who "he" is stands before "so". */
const somebody = /\b(?:he|she|it|they|him|her|them)\b/i;

interface Part extends Stretch {
  readonly core: string | null;
}

/**
 * Splits a sentence into parts that are clear without each other. If a part depends on another part, the
 * sentence is not split.
 */
function partsOf(sentence: Stretch, reader: EnglishReader): Part[] {
  if (dependent.test(sentence.text)) return [{ ...sentence, core: null }];
  let core: string | null = null;
  const matches = [seams, otherSeams].flatMap((pattern) => [...sentence.text.matchAll(pattern)]);
  for (const match of matches.sort((a, b) => a.index - b.index)) {
    const left = { text: sentence.text.slice(0, match.index), from: sentence.from };
    const at = match.index + match[0].length;
    const right = { text: sentence.text.slice(at), from: sentence.from + at };
    if (!hasClause(left, reader, true) || !hasClause(right, reader, false)) continue;
    const isOfSomebody = /\bso\b/i.test(match[0]) && somebody.test(right.text);
    if (!isOfSomebody && !leans(right, reader)) return [{ ...left, core }, ...partsOf(right, reader)];
    core ??= left.text;
  }
  return [{ ...sentence, core }];
}

function leans({ text }: Stretch, reader: EnglishReader): boolean {
  return referring.test(text) || isBeforeNouns(tokensOf(text, reader), standingIn);
}

/** Whether one of the pronouns comes before every noun that it could mean. "This" in "this week" is no pronoun. */
export function isBeforeNouns(tokens: readonly Token[], pronoun: RegExp): boolean {
  const at = tokens.findIndex(
    ({ lower }, i) =>
      pronoun.test(lower) && !(/^(?:this|these)$/.test(lower) && spanOfTime.test(tokens[i + 1]?.lower ?? '')),
  );
  return at !== -1 && !tokens.slice(0, at).some(({ pos }) => /^(?:NOUN|PROPN)$/.test(pos));
}

const spanOfTime =
  /^(?:morning|evening|afternoon|day|week|weekend|month|term|semester|sprint|quarter|season|spring|summer|autumn|fall|winter|year)s?$/;

function hasClause({ text }: Stretch, reader: EnglishReader, mayBeOrder: boolean): boolean {
  const { kind, verb } = formOf(tokensOf(text, reader));
  return verb !== null && (mayBeOrder || kind !== 'imperative');
}

/** The structure of a sentence: subject, verb, and the rest. */
export function formOf(all: readonly Token[]): SentenceForm {
  const tokens = withoutCalled(all);
  const starts = clauseStarts(tokens);
  const own = starts.find((start) => start.subject !== null);
  const first = starts[0];
  const shared = { tokens, clauses: starts.length };
  if (own !== undefined && (own === first || own.from === 0)) {
    const { subject } = own;
    const verb = verbGroupAt(tokens, own.verbAt);
    const lead = tokens.slice(own.from, own.subjectAt);
    return {
      ...shared,
      kind: subject?.kind === 'theirs' ? 'theirs' : 'user',
      lead,
      subject: tokens.slice(own.subjectAt, own.verbAt),
      verb,
      verbAt: own.verbAt,
      rest: tokens.slice(verb?.end ?? own.verbAt),
    };
  }
  const other = otherwise(tokens, opening(tokens));
  const depends = first?.subject === null && /^(?:i|we)$/.test(tokens[first.subjectAt]?.lower ?? '');
  return { ...shared, ...other, kind: depends && other.kind !== 'imperative' ? 'dependent' : other.kind };
}

/** Removes the name of the person addressed: "Hey Anna, …", "…, Tom!". */
function withoutCalled(tokens: readonly Token[]): readonly Token[] {
  const [first, second, third] = tokens;
  const greeted = first !== undefined && greetings.test(first.lower) && isName(second) && !isJoined(third);
  const from = greeted ? 2 : 0;
  let to = tokens.length;
  while (to > from && !/[\p{L}\p{N}]/u.test(tokens[to - 1]?.text ?? '')) to -= 1;
  const called =
    isName(tokens[to - 1]) &&
    tokens[to - 2]?.text === ',' &&
    !introduces(tokens.slice(from, to - 2)) &&
    !/^(?:NUM|PROPN)$/.test(tokens[to - 3]?.pos ?? '');
  return called ? [...tokens.slice(from, to - 2), ...tokens.slice(to)] : tokens.slice(from);
}

/** Whether the last word names somebody and does not address them: "We have a daughter now, Mila". */
function introduces(tokens: readonly Token[]): boolean {
  return tokens.some(({ lower }) => relations.has(lower) || pets.has(lower));
}

const greetings = /^(?:hey|hi|hello|thanks|wow|yeah|yes|yep|congrats|sorry|sure|ok|okay|no|cool|agreed)$/;

function isName(token: Token | undefined): boolean {
  return (
    token !== undefined && /^\p{Lu}\p{Ll}+$/u.test(token.text) && /^(?:PROPN|NOUN|INTJ)$/.test(token.pos)
  );
}

function isJoined(token: Token | undefined): boolean {
  return token !== undefined && /[\p{L}]/u.test(token.text) && token.pos !== 'PRON';
}

type Rest = Omit<SentenceForm, 'tokens' | 'clauses'>;

/** Index of the first informative word. */
function opening(tokens: readonly Token[]): number {
  let at = 0;
  while (at < tokens.length && isOpener(tokens, at)) at += 1;
  // "Hello, friend, today …"
  if (at > 0 && tokens[at]?.pos === 'NOUN' && tokens[at - 1]?.text === ',' && tokens[at + 1]?.text === ',')
    at += 2;
  return at;
}

function isOpener(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (token === undefined) return false;
  if (isByTheWay(tokens, at) || isByTheWay(tokens, at - 1) || isByTheWay(tokens, at - 2)) return true;
  return !/\p{L}|\p{N}/u.test(token.text) || openers.has(token.lower) || token.pos === 'INTJ';
}

function isByTheWay(tokens: readonly Token[], at: number): boolean {
  return ['by', 'the', 'way'].every((word, i) => tokens[at + i]?.lower === word);
}

const pronouns = /^(?:he|she|it|they|his|her|its|their|you|your|that|this|these|those|there|who|which)$/;

/** Words that mean the user's own relatives without "my": "Mum is a nurse". */
const ownKin =
  /^(?:mum|mom|mummy|mommy|mama|dad|daddy|papa|gran|granny|nan|nana|grandma|grandpa|grandad|granddad|grandmother|grandfather|hubby)$/;

function otherwise(tokens: readonly Token[], at: number): Rest {
  const first = tokens[at];
  const lead = tokens.slice(0, at);
  const none = { lead, subject: [], verb: null, verbAt: at, rest: tokens.slice(at) };
  if (first === undefined) return { kind: 'fragment', ...none };
  const order = orderAt(tokens, at);
  if (order !== null) return { kind: 'imperative', lead, subject: [], ...order };
  const verbAt = finiteVerbFrom(tokens, at);
  if (ownKin.test(first.lower) && verbAt === at + 1) return aboutSubject('theirs', tokens, at, verbAt);
  if (pronouns.test(first.lower)) return aboutSubject('pronoun', tokens, at, verbAt);
  const form = knownVerb(first.lower)?.forms;
  // "Running clears my head": the gerund is the subject.
  const isDone = first.lower.endsWith('ing') && verbAt !== -1;
  if (
    !isDone &&
    (first.pos === 'VERB' || first.pos === 'AUX' || form?.has('past') === true || form?.has('ing') === true)
  ) {
    const verb = verbGroupAt(tokens, at);
    if (verb !== null) {
      return { kind: 'dropped', lead, subject: [], verb, verbAt: at, rest: tokens.slice(verb.end) };
    }
  }
  if (verbAt === -1) return { kind: 'fragment', ...none };
  return aboutSubject(first.pos === 'PROPN' ? 'named' : 'thing', tokens, at, verbAt);
}

function aboutSubject(kind: StatementKind, tokens: readonly Token[], at: number, verbAt: number): Rest {
  const verb = verbAt === -1 ? null : verbGroupAt(tokens, verbAt);
  const end = verbAt === -1 ? at + 1 : verbAt;
  return {
    kind,
    lead: tokens.slice(0, at),
    subject: tokens.slice(at, end),
    verb,
    verbAt: end,
    rest: tokens.slice(verb?.end ?? end),
  };
}

const subjectTokensMax = 8;

function finiteVerbFrom(tokens: readonly Token[], at: number): number {
  for (let i = at + 1; i <= Math.min(at + subjectTokensMax, tokens.length - 1); i++) {
    if (startsFiniteVerb(tokens, i)) return i;
    if (/^[,;:]$/.test(tokens[i]?.text ?? '')) return -1;
  }
  return -1;
}

/** "Use pnpm", "always answer in German", "please keep answers short", "don't call me sir". */
function orderAt(
  tokens: readonly Token[],
  start: number,
): { verb: VerbGroup; verbAt: number; rest: readonly Token[] } | null {
  let at = start;
  while (
    /^(?:please|pls|always|never|also|just|do|not|n't|from|now|on|,|then)$/.test(tokens[at]?.lower ?? '')
  ) {
    at += 1;
  }
  const token = tokens[at];
  // "Love sushi" is no order.
  if (token === undefined || !isBaseForm(token) || likings.has(token.lower) || dislikes.has(token.lower))
    return null;
  const verb = verbGroupAt(tokens, at);
  if (verb === null) return null;
  const negated = tokens.slice(start, at).some(({ lower }) => /^(?:not|n't|never)$/.test(lower));
  return { verb: { ...verb, negated }, verbAt: at, rest: tokens.slice(verb.end) };
}

function isBaseForm(token: Token): boolean {
  const forms = knownVerb(token.lower)?.forms;
  if (forms !== undefined) return forms.has('base') && !forms.has('past');
  return token.pos === 'VERB' && token.lower === token.lemma;
}

/**
 * Whether it is an order for all future answers: "always …", "never …", "from now on …", "whenever I ask …".
 */
export function isStandingOrder(tokens: readonly Token[]): boolean {
  const text = tokens.map(({ lower }) => lower).join(' ');
  return standing.test(text);
}
const standing =
  /^(?:(?:please|pls|ok|okay|and|also|so|,) )*(?:always|never|from now on|in (?:the )?future|whenever|every time|by default|going forward|do not ever)\b|^(?:(?:please|pls|ok|okay|and|also|so|,) )*\p{L}+ .{0,80}\b(?:from now on|in (?:the )?future|going forward|by default|every time|, never|, not)\b/iu;
