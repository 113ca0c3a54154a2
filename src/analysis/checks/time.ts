import type { Token } from '../builtin/english.js';
import type { StatedClause } from './statement.js';

/** Verbs whose past describes a present state: somebody who moved to Lisbon lives there. */
const changing = new Set(
  'move marry engage get buy adopt start begin join become bear diagnose settle switch change turn win find hire receive sign enroll enrol inherit promote accept rent name call raise learn'.split(
    ' ',
  ),
);
const intending = new Set(
  'plan intend want hope wish consider aim expect dream think wonder like'.split(' '),
);

const endingWords = /^(?:anymore|former|formerly|ex|once|previously|retired|widowed|divorced|late)$/;
const endingLemmas = new Set(
  'quit stop sell cancel retire divorce die lose resign expire end abandon'.split(' '),
);

/** Whether it says that something has ended: "used to", "no longer", "quit", "sold". */
export function hasEnded({ tokens, verb }: Pick<StatedClause, 'tokens' | 'verb'>): boolean {
  if (verb?.usedTo === true) return true;
  return tokens.some((token, i) => {
    const next = tokens[i + 1]?.lower;
    if (endingWords.test(token.lower) || token.lower.startsWith('ex-')) return true;
    if (token.pos === 'VERB' && endingLemmas.has(token.lemma)) return true;
    return (
      (/^(?:no|any)$/.test(token.lower) && /^(?:longer|more)$/.test(next ?? '')) ||
      (/^(?:gave|give|given|giving|broke|passed)$/.test(token.lower) && /^(?:up|away)$/.test(next ?? ''))
    );
  });
}

const pastTenses = new Set(['past', 'past-progressive']);

export function isPast({ verb }: StatedClause): boolean {
  return verb !== null && (verb.usedTo || pastTenses.has(verb.tense));
}

/** Whether it is only about the past. */
export function isOver(clause: StatedClause): boolean {
  if (!isPast(clause) || clause.verb === null) return false;
  return !changing.has(clause.verb.lemma) && !intending.has(clause.verb.lemma);
}

export function isPresent({ verb }: StatedClause): boolean {
  return verb !== null && !verb.usedTo && (verb.tense === 'present' || verb.tense === 'progressive');
}

const unsure =
  /^(?:maybe|perhaps|possibly|probably|might|may|if|unless|whether|imagine|suppose|supposing|hypothetically|guess|doubt|unsure)$/;
const wanting = new Set('plan intend want hope wish consider aim dream wonder'.split(' '));

/** Whether it is planned, wished, supposed or guessed, so that it is not (yet) true. */
export function isUnreal({ tokens, verb }: StatedClause): boolean {
  if (tokens.some(({ lower, text }) => text !== 'May' && unsure.test(lower))) return true;
  if (tokens.some((token, i) => guesses(tokens, token, i))) return true;
  if (verb === null) return false;
  if (verb.tense === 'future' || wanting.has(verb.lemma)) return true;
  return verb.modal !== null && /^(?:would|should|could|shall)$/.test(verb.modal) && !verb.negated;
}

/** "thinking about", "looking forward to", "I think I am". */
function guesses(tokens: readonly Token[], token: Token, i: number): boolean {
  const next = tokens[i + 1]?.lower ?? '';
  if (/^think(?:ing|s)?$|^thought$/.test(token.lower)) return /^(?:about|of|I|we|it|my)$/i.test(next);
  // Something almost done was not done.
  if (/^(?:almost|nearly)$/.test(token.lower))
    return tokens[i + 1]?.pos === 'VERB' || /ed$/.test(tokens[i + 1]?.lower ?? '');
  return token.lower === 'looking' && /^(?:forward|into|for)$/.test(next);
}

const unrealWords =
  /\b(?:plan(?:s|ned|ning)?|intend\w*|intention|want\w*|hop(?:e|es|ed|ing)|wish\w*|would|will|going to|considering|considers?|think\w*|might|may|maybe|perhaps|possibl\w+|probabl\w+|could|should|looking|aims?|dream\w*|if|when|unless|whether|whenever|scheduled|booked|upcoming|about to|set to|expect\w*|prefers?|needs?|almost|nearly|guess\w*|suspect\w*|believ\w*|unsure|uncertain|wonder\w*|promis\w*|offer\w*|suggest\w*|recommend\w*|propos\w*|advis(?:e|es|ed|ing)|interested|likely|due)\b/i;

/** Whether a fact itself says that it is planned, wished or supposed. */
export function saysUnreal(fact: string): boolean {
  return unrealWords.test(fact);
}
