import type { Token } from './english.js';
import { often } from './frequency.js';
import { interests } from './interest-words.js';
import { phraseText } from './phrases.js';
import type { SentenceForm } from './statements.js';

/**
 * How strongly a statement shows an interest: `lasting` ("I play the piano every day", "hiking is my
 * passion"), `liking` ("I love jazz"), or `touches` ("my guitar needs new strings").
 */
export interface Interested {
  readonly dimension: string;
  readonly strength: 'lasting' | 'liking' | 'touches';
}

/** Verbs for activities that people do for pleasure. */
const doings =
  /^(?:play|practise|practice|paint|draw|sketch|sing|dance|cook|bake|brew|garden|knit|sew|read|write|collect|hike|climb|run|swim|cycle|ski|surf|row|sail|skate|fish|hunt|photograph|travel|meditate|train|code|program|study|learn|watch|volunteer|breed|keep)$/;
const likings = /^(?:love|enjoy|adore|like|prefer)$/;
const devoted =
  /^(?:(?:really|very|so|a|an|big|huge|quite|pretty|totally|super|always|also|avid|keen|passionate|real|such|total) )*(?:into|passionate about|keen on|fan of|crazy about|obsessed with|addicted to|interested in|fond of|enthusiastic about|lover of|avid|keen)\b/i;
const lastingSubject =
  /\b(?:hobby|hobbies|passion|favou?rite (?:hobby|sport|pastime|thing to do|genre|instrument|composer|author))\b/i;
const sinceLong =
  /\b(?:for (?:\d+|two|three|four|five|six|seven|eight|nine|ten|many|several|over \w+) years|since (?:I was|childhood|\d{4}|college|school)|my whole life|all my life)\b/i;
/** Words that refer to the other side. */
const ofOthers = /^(?:you|your|yours)$/;

/**
 * The interests that a statement of the user shows. Empty if the statement is denied, is only a wish, or is
 * about somebody else.
 */
export function interestsIn(form: SentenceForm): Interested[] {
  const { tokens, kind, verb } = form;
  if (!/^(?:user|theirs|thing|named)$/.test(kind)) return [];
  if (verb === null || verb.negated || verb.modal !== null || verb.usedTo || verb.tense === 'future')
    return [];
  if (tokens.some(({ lower }) => ofOthers.test(lower) || /^(?:not|n't|never|if|would|hate)$/.test(lower)))
    return [];
  const text = phraseText(tokens);
  const strength = strengthOf(form, text);
  if (strength === null) return [];
  // "I love that my brother plays chess": the object of the liking precedes the next clause.
  const about = form.clauses > 1 && kind === 'user' ? objectOf(form.rest) : tokens;
  return [...interests].flatMap(([dimension, cues]) =>
    about.some(
      (token, i) => isOf(token, i, about, cues) && (dimension !== 'Family Concern' || isOwn(about, i)),
    )
      ? [{ dimension, strength }]
      : [],
  );
}

function strengthOf(form: SentenceForm, text: string): Interested['strength'] | null {
  const { kind, verb, rest, subject } = form;
  if (verb === null) return null;
  const about = phraseText(rest);
  const isNow = /^(?:present|progressive|perfect|perfect-progressive)$/.test(verb.tense);
  if (kind !== 'user') {
    // "Hiking is my passion", "my favourite hobby is chess".
    if (verb.lemma === 'be' && lastingSubject.test(text) && /\b(?:my|our)\b/i.test(text)) return 'lasting';
    // "Painting helps me relax", "art gives me so much joy".
    if (/^(?:help|give|calm|relax|keep|inspire|soothe)$/.test(verb.lemma) && isNow && rest[0]?.lower === 'me')
      return 'liking';
    return kind === 'theirs' && /^(?:my|our)$/.test(subject[0]?.lower ?? '') ? 'touches' : null;
  }
  const isDevoted = verb.lemma === 'be' && isNow && devoted.test(about);
  const isDone = isNow && doings.test(verb.lemma);
  if (
    (isDevoted || isDone || (isNow && likings.test(verb.lemma))) &&
    (often.test(text) || sinceLong.test(text))
  )
    return 'lasting';
  if (isDevoted) return 'lasting';
  if (isNow && likings.test(verb.lemma) && !/^(?:to see|seeing|hearing|how|that|this|it)\b/i.test(about))
    return 'liking';
  return isDone ? 'liking' : 'touches';
}

function objectOf(rest: readonly Token[]): readonly Token[] {
  const end = rest.findIndex(({ text, lower }) =>
    /^(?:[,;:–—]|that|which|who|because|since|when|while|so|but|as)$/.test(text === ',' ? text : lower),
  );
  return end === -1 ? rest : rest.slice(0, end);
}

/** "My two kids", not "kids in need" or "a family struggling on the streets". */
function isOwn(tokens: readonly Token[], at: number): boolean {
  return tokens.slice(Math.max(0, at - 2), at).some(({ lower }) => /^(?:my|our)$/.test(lower));
}

/** A noun or gerund of the interest; "to book a table" does not mean a book. */
function isOf(token: Token, at: number, tokens: readonly Token[], cues: ReadonlySet<string>): boolean {
  const isCue = cues.has(token.lower) || (token.pos === 'NOUN' && cues.has(token.lemma));
  if (!isCue || (token.lower === 'science' && tokens[at + 1]?.lower === 'fiction')) return false;
  if (token.lower.endsWith('ing')) return true;
  const before = tokens[at - 1]?.lower ?? '';
  if (/^(?:NOUN|PROPN)$/.test(token.pos)) return !/^(?:to|will|can|must)$/.test(before);
  return token.pos === 'VERB' && doings.test(token.lemma) && cues.has(token.lower);
}
