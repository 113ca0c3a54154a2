import type { EnglishReader, Token } from '../builtin/english.js';
import { toldPart } from '../builtin/sentence-guards.js';
import { startsFiniteVerb } from '../builtin/subjects.js';
import { type VerbGroup, verbGroupAt } from '../builtin/verb-group.js';

/**
 * The subject of a clause: the speaker, the listener, a person in the speaker's life ("my brother"), or anybody else.
 */
export type Subject =
  | { readonly kind: 'speaker' | 'listener' | 'unknown' }
  | { readonly kind: 'theirs' | 'other'; readonly words: readonly Token[] };

/** A stretch of a sentence with one verb. */
export interface StatedClause {
  readonly tokens: readonly Token[];
  readonly subject: Subject;
  /** Null for a stretch without a verb. */
  readonly verb: VerbGroup | null;
  /** Whether it is part of a question and not also stated. */
  readonly asked: boolean;
}

/** The statements of a text, clause by clause. */
export function clausesIn(text: string, reader: EnglishReader): StatedClause[] {
  return reader.read(text).flatMap(({ tokens }) => {
    const told = toldPart(tokens).length;
    let at = 0;
    let before: Subject = { kind: 'unknown' };
    return stretchesOf(tokens).map((stretch): StatedClause => {
      const verbAt = verbIn(stretch);
      const subject = verbAt === -1 ? before : (subjectBefore(stretch, verbAt) ?? before);
      const verb = verbAt === -1 ? null : verbGroupAt(stretch, verbAt);
      const asked = at >= told;
      at += stretch.length;
      before = subject;
      return { tokens: stretch, subject, verb, asked };
    });
  });
}

function verbIn(stretch: readonly Token[]): number {
  const found = stretch.findIndex((_token, i) => startsPredicate(stretch, i));
  return found === -1 && startsSecondPredicate(stretch, 1) ? 1 : found;
}

const breaks = /^(?:[.!?;:…—–()"]+|--?)$/;
const joints = new Set(
  'but because so although though while whereas since which who whom whose that where when if unless until whether then plus and or'.split(
    ' ',
  ),
);

/** Divides a sentence where another subject or verb begins. Omits nothing. */
function stretchesOf(tokens: readonly Token[]): Token[][] {
  const stretches: Token[][] = [];
  let stretch: Token[] = [];
  tokens.forEach((token, i) => {
    const isJoint = joints.has(token.lower) || token.text === ',';
    // "My doctor told me I have asthma", "I think I am".
    const isInner =
      /^(?:I|we|you|he|she|they)$/i.test(token.text) && stretch.length > 1 && startsPredicate(tokens, i + 1);
    const isCut =
      breaks.test(token.text) ||
      (token.text === ',' && tokens[i + 1]?.lower === 'not') ||
      (isJoint && startsClause(tokens, i + 1)) ||
      (isInner && !isFronted(stretch));
    if (isCut && stretch.length > 0) {
      stretches.push(stretch);
      stretch = [];
    }
    stretch.push(token);
  });
  if (stretch.length > 0) stretches.push(stretch);
  return stretches;
}

/** "Last week I", "honestly I": the words before have no verb of their own. */
function isFronted(stretch: readonly Token[]): boolean {
  return !stretch.some((_token, i) => startsPredicate(stretch, i));
}

/** Whether a verb is here, or after a subject of up to six words. */
function startsClause(tokens: readonly Token[], from: number): boolean {
  for (let i = from; i < Math.min(tokens.length, from + 7); i += 1) {
    const token = tokens[i];
    if (token === undefined || breaks.test(token.text) || token.text === ',') return false;
    if (i > from && joints.has(token.lower)) return false;
    if (startsPredicate(tokens, i) || (i === from && startsSecondPredicate(tokens, i))) return true;
    if (token.pos === 'ADP' && i > from) return false;
  }
  return false;
}

/** "and work as a nurse": also when the verb could be a noun. */
function startsSecondPredicate(tokens: readonly Token[], at: number): boolean {
  if (!/^(?:and|but)$/.test(tokens[at - 1]?.lower ?? '')) return false;
  const verb = verbGroupAt(tokens, at);
  return verb !== null && /^(?:ADP|DET|NUM|PRON)$/.test(tokens[verb.end]?.pos ?? '');
}

function startsPredicate(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1]?.lower;
  if (before === 'to' || /^(?:a|an|the|my|our|his|her|their|your)$/.test(before ?? '')) return false;
  return startsFiniteVerb(tokens, at) && verbGroupAt(tokens, at) !== null;
}

/** The person that the words before a verb name; null when there is none. */
function subjectBefore(tokens: readonly Token[], verbAt: number): Subject | null {
  let end = verbAt;
  while (end > 0 && /^(?:ADV|AUX|PART)$/.test(tokens[end - 1]?.pos ?? '')) end -= 1;
  const last = tokens[end - 1];
  if (last?.pos === 'ADP') return null;
  if (last === undefined || joints.has(last.lower) || last.text === ',') return relative(last);
  if (/^(?:I|we)$/i.test(last.lower)) return { kind: 'speaker' };
  if (last.lower === 'you') return { kind: 'listener' };
  if (/^(?:it|this|that|there|these|those|what)$/.test(last.lower)) return { kind: 'unknown' };
  let from = end;
  while (from > 0 && /^(?:NOUN|PROPN|ADJ|NUM|DET|PRON|PART|ADP)$/.test(tokens[from - 1]?.pos ?? ''))
    from -= 1;
  const words = tokens.slice(from, end);
  if (words.length === 0) return null;
  const owned = words.findIndex(({ lower }) => lower === 'my' || lower === 'our');
  return owned === -1 ? { kind: 'other', words } : { kind: 'theirs', words: words.slice(owned) };
}

/** "…, who lives in Oslo": somebody, but not the speaker. */
function relative(last: Token | undefined): Subject | null {
  return last !== undefined && /^(?:who|which|that|whose)$/.test(last.lower)
    ? { kind: 'other', words: [] }
    : null;
}
