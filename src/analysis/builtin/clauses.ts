import type { Token } from './english.js';
import { clauseStarts, type Subject, startsFiniteVerb } from './subjects.js';
import { type VerbGroup, verbGroupAt } from './verb-group.js';

/** A main clause: who, does, what. */
export interface Clause {
  readonly subject: Subject;
  readonly verb: VerbGroup;
  /** From the clause's beginning to the subject: "last week". */
  readonly lead: readonly Token[];
  /** What follows the verb, up to the next clause. */
  readonly rest: readonly Token[];
  /**
   * False where the sentence goes on about the last word ("the friends I have", "a project that involves code") or
   * limits what it denies ("I don't smoke when …").
   */
  readonly complete: boolean;
}

/** The clauses of a sentence whose subject is the user, or someone or something of the user's. */
export function clausesOf(tokens: readonly Token[]): Clause[] {
  const starts = clauseStarts(tokens);
  const found: Clause[] = [];
  starts.forEach((start, i) => {
    if (start.subject === null) return;
    const verb = verbGroupAt(tokens, start.verbAt);
    if (verb === null) return;
    const limit = starts[i + 1]?.from ?? tokens.length;
    const rest = untilBreak(tokens.slice(verb.end, Math.max(verb.end, limit)));
    const end = verb.end + rest.length;
    const complete = endsAt(tokens, end) && !(verb.negated && limits.test(tokens[end]?.lower ?? ''));
    found.push({
      subject: start.subject,
      verb,
      lead: tokens.slice(start.from, start.subjectAt),
      rest,
      complete,
    });
    found.push(...coordinated(start.subject, verb, tokens, verb.end + rest.length, limit));
  });
  return found;
}

/** "…, and hate mornings": a second verb of the same subject. */
function coordinated(
  subject: Subject,
  first: VerbGroup,
  tokens: readonly Token[],
  from: number,
  limit: number,
): Clause[] {
  let at = from;
  if (tokens[at]?.text === ',') at += 1;
  if (!/^(?:and|but)$/.test(tokens[at]?.lower ?? '')) return [];
  const verb = verbGroupAt(tokens, at + 1);
  if (verb === null || at >= limit || verb.tense !== first.tense || verb.modal !== null) return [];
  const rest = untilBreak(tokens.slice(verb.end, limit));
  return [
    { subject, verb, lead: [], rest, complete: endsAt(tokens, verb.end + rest.length) },
    ...coordinated(subject, verb, tokens, verb.end + rest.length, limit),
  ];
}

/** "I don't smoke when I am with the kids" denies less than it seems to. */
const limits = /^(?:when|whenever|while|unless|until)$/;

const breakers = new Set(
  'but so because which who whom whose where while when whenever although though if unless until whereas then plus'.split(
    ' ',
  ),
);

/** The complement ends where another thought begins. A comma may stand inside a list or a place name. */
function untilBreak(tokens: readonly Token[]): readonly Token[] {
  const end = tokens.findIndex((token, i) => {
    if (/^[.;:!?…—–()"]+$/.test(token.text) || token.text === '-' || token.text === '--') return true;
    if (breakers.has(token.lower)) return true;
    const next = tokens[i + 1];
    if (token.lower === 'and' || token.text === ',') {
      const after = token.text === ',' && /^(?:and|but)$/.test(next?.lower ?? '') ? i + 2 : i + 1;
      return startsVerb(tokens, after);
    }
    return false;
  });
  const cut = end === -1 ? tokens : tokens.slice(0, end);
  let length = cut.length;
  while (/^(?:,|and|but|or)$/.test(cut[length - 1]?.lower ?? '')) length -= 1;
  return cut.slice(0, length);
}

/** A finite verb here begins a second predicate; an infinitive, gerund or noun goes on with the list. */
function startsVerb(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (token === undefined) return false;
  if (token.pos === 'AUX') return true;
  return startsFiniteVerb(tokens, at);
}

function endsAt(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (token === undefined || /^[^\p{L}\p{N}]+$/u.test(token.text) || token.pos === 'INTJ') return true;
  return /^(?:and|but|so|because|when|while|although|though|since|if|unless|until|whereas|then|plus|which|who|as)$/.test(
    token.lower,
  );
}
