import { findWhen } from '../../lib/time/when.js';
import type { Token } from './english.js';
import { often } from './frequency.js';
import { phraseText } from './phrases.js';
import { knownVerb } from './verbs.js';

/** The subject of a clause: the user, or a person or thing of the user's ("my brother Tom"). */
export type Subject =
  | { readonly kind: 'user'; readonly with: readonly Token[] }
  | { readonly kind: 'theirs'; readonly words: readonly Token[] };

export interface ClauseStart {
  readonly from: number;
  readonly subjectAt: number;
  readonly verbAt: number;
  /** Null if it is somebody else, or if the clause is subordinate ("the house I live in"). */
  readonly subject: Subject | null;
}

const others = new Set(
  'he she it they you this that these those there everyone everybody someone somebody nobody people who which what'.split(
    ' ',
  ),
);
export const openers = new Set(
  'nah tbh bro dude just and but so because plus also well yes yeah yep no nope ok okay oh hi hey hello wow honestly actually anyway anyways btw fyi now currently nowadays lately recently today sometimes usually normally mostly luckily sadly unfortunately fortunately finally personally careful thanks sorry please haha lol hmm ah aw guess-what ps'.split(
    ' ',
  ),
);

/** The beginnings of the clauses of a sentence, in order. */
export function clauseStarts(tokens: readonly Token[]): ClauseStart[] {
  const starts: ClauseStart[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const start = startAt(tokens, i);
    if (start === null) continue;
    starts.push(start);
    i = Math.max(i, start.verbAt - 1);
  }
  return starts;
}

function startAt(tokens: readonly Token[], i: number): ClauseStart | null {
  const token = tokens[i];
  if (token === undefined) return null;
  if (token.text === 'I' || token.lower === 'we') return userStart(tokens, i, i, []);
  if (token.lower === 'my' || token.lower === 'our') {
    const lead = leadBefore(tokens, i);
    return lead === null ? null : theirsStart(tokens, i, lead);
  }
  if (others.has(token.lower) && startsFiniteVerb(tokens, i + 1)) {
    return { from: i, subjectAt: i, verbAt: i + 1, subject: null };
  }
  return withNameStart(tokens, i);
}

function userStart(
  tokens: readonly Token[],
  from: number,
  subjectAt: number,
  company: readonly Token[],
): ClauseStart {
  const lead = leadBefore(tokens, from);
  const subject: Subject | null = lead === null ? null : { kind: 'user', with: company };
  return { from: lead ?? from, subjectAt, verbAt: subjectAt + 1, subject };
}

/**
 * A clause about a person in the user's life: "my brother Tom lives", "my wife's name is", "my family and I went",
 * "my wife Ines and our daughter come".
 */
function theirsStart(tokens: readonly Token[], i: number, from: number): ClauseStart | null {
  let most = i + 7;
  for (let end = i + 1; end <= Math.min(most, tokens.length - 1); end++) {
    const token = tokens[end];
    if (token === undefined) return null;
    if (token.lower === 'and' && isOwners(tokens[end + 1])) {
      most = end + 7;
      end += 1;
      continue;
    }
    if (token.lower === 'and' && tokens[end + 1]?.text === 'I') {
      return {
        from,
        subjectAt: end + 1,
        verbAt: end + 2,
        subject: { kind: 'user', with: tokens.slice(i, end) },
      };
    }
    if (end > i + 1 && startsFiniteVerb(tokens, end)) {
      let last = end;
      while (last > i + 2 && tokens[last - 1]?.pos === 'ADV') last -= 1;
      const words = tokens.slice(i, last);
      return {
        from,
        subjectAt: i,
        verbAt: last,
        subject: isOwnPhrase(words) ? { kind: 'theirs', words } : null,
      };
    }
    const inserted = end > i + 1 && token.text === ',' ? insertedAt(tokens, end) : 0;
    if (inserted > 0) {
      end += inserted - 1;
      most += inserted;
    } else if (!/^(?:NOUN|PROPN|ADJ|NUM|PART|VERB|ADV)$/.test(token.pos)) return null;
  }
  return null;
}

/**
 * Number of tokens from a comma that only name the subject again: ", Philippa," in "our CTO, Philippa, wants", ", he"
 * in "my husband Dmitri, he is a driver"; 0 if there are none.
 */
function insertedAt(tokens: readonly Token[], at: number): number {
  const next = tokens[at + 1];
  if (next !== undefined && /^(?:he|she|they)$/.test(next.lower) && startsFiniteVerb(tokens, at + 2))
    return 2;
  const close = tokens.findIndex(({ text }, i) => i > at && text === ',');
  const between = tokens.slice(at + 1, close);
  const isName = between.length > 0 && between.every(({ pos }) => pos === 'PROPN');
  return isName && startsFiniteVerb(tokens, close + 1) ? between.length + 2 : 0;
}

function isOwnPhrase(words: readonly Token[]): boolean {
  return words
    .slice(1)
    .every(
      (word, at) =>
        /^(?:NOUN|PROPN|ADJ|NUM)$/.test(word.pos) ||
        word.text === "'s" ||
        word.text === "'" ||
        word.text === ',' ||
        /^(?:he|she|they)$/.test(word.lower) ||
        (word.lower === 'and' && isOwners(words[at + 2])) ||
        (isOwners(word) && words[at]?.lower === 'and'),
    );
}

function isOwners(token: Token | undefined): boolean {
  return token?.lower === 'my' || token?.lower === 'our';
}

/** "Amir and I got engaged". */
function withNameStart(tokens: readonly Token[], i: number): ClauseStart | null {
  const [name, and, i_] = [tokens[i], tokens[i + 1], tokens[i + 2]];
  if (name === undefined || and?.lower !== 'and' || i_?.text !== 'I') return null;
  if (name.pos !== 'PROPN' || !isOpening(tokens, i)) return null;
  return { from: i, subjectAt: i + 2, verbAt: i + 3, subject: { kind: 'user', with: [name] } };
}

/**
 * Index of the beginning of the clause of an "I". Null if the clause depends on another one ("the book I
 * love", "when I lived", "I think I am"). A boundary, opening words or a time may precede the "I".
 */
function leadBefore(tokens: readonly Token[], at: number): number | null {
  let from = at;
  while (from > 0 && !isBoundary(tokens, from - 1) && !joins(tokens, from - 1)) from -= 1;
  if (from > 0 && joins(tokens, from - 1) && isInSubordinate(tokens, from - 1)) return null;
  const lead = tokens.slice(from, at);
  const said = lead.filter(
    (token) => !openers.has(token.lower) && token.pos !== 'INTJ' && token.text !== ',',
  );
  if (said.length > 0) {
    return isTime(said) ||
      isSameSubject(tokens.slice(0, at)) ||
      (isHarmlessFront(said) && isLastClause(tokens, at))
      ? from
      : null;
  }
  return tokens[from - 1]?.text === ',' ? behindFront(tokens, from) : from;
}

/**
 * Whether this is the last clause: true for "After work I swim", false for "in the town I live in everybody
 * is …".
 */
function isLastClause(tokens: readonly Token[], at: number): boolean {
  return !tokens
    .slice(at + 2)
    .some(({ pos }, i, behind) => pos === 'AUX' && i > 0 && behind[i - 1]?.pos !== 'ADV');
}

/** Whether the subject is repeated: "Me and my husband we …", "my wife and me, we …". */
function isSameSubject(said: readonly Token[]): boolean {
  return (
    said.some(({ lower }) => lower === 'me' || lower === 'myself') &&
    said.every(
      ({ pos, lower }) => /^(?:me|myself|my|our|and|the)$/.test(lower) || /^(?:NOUN|PROPN|ADJ)$/.test(pos),
    )
  );
}

/** Whether a clause is joined to the previous one: "… and I work there". */
function joins(tokens: readonly Token[], i: number): boolean {
  return i > 0 && /^(?:and|but|so|because)$/.test(tokens[i]?.lower ?? '');
}

/** Whether a condition before the clause applies to it, too: "When I was small and I lived in Naples". */
function isInSubordinate(tokens: readonly Token[], at: number): boolean {
  let from = at;
  while (from > 0 && !isBoundary(tokens, from - 1)) from -= 1;
  return fronting.test(tokens[from]?.lower ?? '');
}

const fronting =
  /^(?:in|on|at|during|for|with|without|after|before|since|while|when|whenever|once|as|though|although|despite|until|where|from|under|inside|through|given|instead|like|if|to|by|back|over)$/;
const harmlessFronts =
  /^(?:by the way|since (?:we|I) (?:last )?(?:spoke|talked|chatted|met)(?: last)?|since (?:our|the) last (?:chat|talk|conversation)|for me|as for me|in fact|of course|to be (?:fair|honest)|(?:as|like) I (?:said|mentioned)|in my (?:free|spare) time|for (?:fun|work|exercise)|at (?:work|home|the moment)|on (?:weekends|weekdays|\w+days)(?: mornings| evenings| nights)?|(?:after|before) work|in the (?:mornings?|evenings?|summer|winter)|for my birthday|in (?:addition|general|total))$/i;

/**
 * Index of the beginning of a clause with words in front. "Last week, I" gives a time. "In the game, I" and
 * "When I was a kid, I" describe another world or another time, so the clause does not count as stated.
 */
function behindFront(tokens: readonly Token[], at: number): number | null {
  let from = at - 1;
  while (from > 0 && !isBoundary(tokens, from - 1)) from -= 1;
  const front = tokens.slice(from, at - 1);
  if (front.length === 0) return at;
  if (isTime(front)) return from;
  if (!fronting.test(front[0]?.lower ?? '')) return at;
  return isHarmlessFront(front) ? from : null;
}

/**
 * Whether the opening refers to the real world. "For formatting" and "after the spike" do; "in the game" and
 * "as a pirate" do not.
 */
function isHarmlessFront(front: readonly Token[]): boolean {
  const text = phraseText(front);
  if (harmlessFronts.test(text)) return true;
  return (
    front.length <= frontTokensMax &&
    placing.test(front[0]?.lower ?? '') &&
    !otherWorld.test(text) &&
    !front.some(
      ({ pos, lower }, i) =>
        pos === 'AUX' ||
        /^(?:I|who|which|that|it|you|he|she|they|we|there)$/i.test(lower) ||
        (pos === 'VERB' && i > 1 && !lower.endsWith('ing')),
    )
  );
}
const frontTokensMax = 7;
const placing = /^(?:in|on|at|during|for|with|without|after|before|since|under|inside|from|to)$/;
/** Matches openings that refer to an imagined world, the future, or a time long ago. */
const otherWorld =
  /\b(?:game|dream|story|novel|book|film|movie|play|series|scene|scenario|example|exercise|test|theory|song|poem|imagination|head|world|universe|life|future|case|past|mind|opinion|view|character|role|childhood|youth|school|college|university|teens|twenties|19\d\d|200\d|201\d)\b/i;

function isTime(tokens: readonly Token[]): boolean {
  const text = phraseText(tokens);
  if (text.replace(often, '').trim() === '' || isRepeated(tokens)) return true;
  const when = findWhen(text, 0, 'past');
  return when !== null && text.replace(text.slice(when.from, when.to), '').trim() === '';
}

/** "Every second Friday evening", "most mornings", "on Mondays". */
function isRepeated(tokens: readonly Token[]): boolean {
  const [first, ...rest] = tokens;
  if (first === undefined || rest.length === 0) return false;
  return (
    /^(?:every|each|most|on|in)$/.test(first.lower) &&
    rest.some(isTimeNoun) &&
    rest.every(
      (token) =>
        isTimeNoun(token) ||
        /^(?:DET|NUM)$/.test(token.pos) ||
        /^(?:other|second|single|last|first)$/.test(token.lower),
    )
  );
}

function isTimeNoun({ lower }: Token): boolean {
  return timeNouns.has(lower.replace(/s$/, ''));
}
const timeNouns = new Set(
  'day morning evening afternoon night week weekend weekday month year spring summer autumn fall winter monday tuesday wednesday thursday friday saturday sunday'.split(
    ' ',
  ),
);

function isOpening(tokens: readonly Token[], i: number): boolean {
  return leadBefore(tokens, i) !== null;
}

function isBoundary(tokens: readonly Token[], i: number): boolean {
  return /^[.,;:!?…—–()-]+$/.test(tokens[i]?.text ?? '');
}

/** Whether a finite verb begins here. */
export function startsFiniteVerb(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (token === undefined) return false;
  if (token.pos === 'AUX') return true;
  if (token.pos === 'VERB') return !token.lower.endsWith('ing');
  // In "my brother lives in Rome", the tagger reads "lives" as the plural of "life".
  const verb = knownVerb(token.lower);
  return verb?.forms.has('s') === true && /^(?:ADP|DET|NUM|ADV|PRON)$/.test(tokens[at + 1]?.pos ?? '');
}
