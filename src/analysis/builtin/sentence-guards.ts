import type { Token } from './english.js';
import { quotedMark } from './own-words.js';
import { phraseText } from './phrases.js';

export type Refusal = 'question' | 'hypothetical' | 'reported' | 'quotation' | 'too long';

const tokensMax = 80;

export const supposing = new Set(
  'if unless whether imagine imagining suppose supposing pretend pretending wish wished pretended hypothetically assuming theoretically figuratively metaphorically'.split(
    ' ',
  ),
);
const saying =
  /^(?:said|says|say|saying|told|tells|tell|telling|claims|claimed|wrote|writes|texted|thinks|thought|believes|asked|asks|heard|according|quote|lyrics|dreamt|dreamed|dream|joked|lied)$/;
const tellers = /^(?:they|people|everyone|everybody|he|she|who|someone|somebody|one|you|i|we)$/;

/**
 * The reason why nothing in a sentence counts as stated; null if the sentence is accepted. Clauses are
 * checked further.
 */
export function refusalOf(tokens: readonly Token[]): Refusal | null {
  if (tokens.length > tokensMax) return 'too long';
  if (tokens.some(({ text }) => text.includes(quotedMark))) return 'quotation';
  if (tokens.some(({ lower }) => supposing.has(lower))) return 'hypothetical';
  if (isHypothetical(tokens)) return 'hypothetical';
  if (isTakenBack(tokens)) return 'hypothetical';
  if (madeUp.test(phraseText(tokens))) return 'hypothetical';
  if (isExample(tokens)) return 'quotation';
  if (tokens.some((token, i) => isReport(tokens, token, i))) return 'reported';
  return null;
}

/** "Let us say", "what if", "as though". */
function isHypothetical(tokens: readonly Token[]): boolean {
  return tokens.some((token, i) => {
    const next = tokens[i + 1]?.lower;
    return (
      (token.lower === 'let' && next === 'us' && tokens[i + 2]?.lower === 'say') ||
      (token.lower === 'as' && next === 'though') ||
      // "Explain it like I'm five", "assume my service gets 10k requests"
      (i === 0 && (token.lower === 'assume' || asIf.test(phraseText(tokens))))
    );
  });
}

const asIf = /^(?:please )?(?:explain|describe|talk|speak|treat|teach|tell|write|answer)\b.*\blike i am\b/i;

const takenBack =
  /^(?:not|maybe|perhaps|possibly|probably|mostly|sort of|kind of|in theory|on paper|in (?:the|a|my) (?:game|dream|story|novel|book|film|movie|play|series))$/;

/** Matches words with which speakers say that their own statement is not true. */
const madeUp =
  /\b(?:in my (?:last |latest )?dream|my (?:favou?rite )?(?:character|avatar|persona)|the (?:hero|heroine|protagonist|narrator|villain|main character)|no way (?:i|we)|made (?:that|it|this|all that) up|making (?:that|it|this) up|(?:was|am) (?:just )?(?:joking|kidding|lying|testing|messing with you|pulling your leg)|not (?:actually )?true|ignore (?:that|what i)|in (?:our|this|the|my) (?:example|scenario|exercise|story|scene|book|novel|film|movie|game)|(?:sound|look|seem) (?:like|as if) i)\b/i;

/** Matches actions in a dream or a game, which are not real. */
const played =
  /\bin (?:(?:my|a|the) (?:dream|story|novel|(?:video|computer|board) ?game)|the sims|minecraft|monopoly|gta|skyrim|fortnite|roblox|zelda|stardew valley|animal crossing|(?:world of )?warcraft|d&d)(?= ?(?:[^\p{L}\p{N}]*$|[,;!]|(?:last|yesterday|today|this|on|and|but) ))/iu;

/**
 * Whether the last words reverse the meaning: "I go to church every Sunday, not", "I got married in Vegas, in
 * the game".
 */
function isTakenBack(tokens: readonly Token[]): boolean {
  if (played.test(phraseText(tokens))) return true;
  const comma = tokens.findLastIndex(({ text }) => text === ',');
  if (comma === -1) return false;
  const last = tokens.slice(comma + 1).filter(({ text }) => /[\p{L}\p{N}]/u.test(text));
  return takenBack.test(last.map(({ lower }) => lower).join(' '));
}

function isReport(tokens: readonly Token[], token: Token, i: number): boolean {
  if (!saying.test(token.lower) || isProfessional(tokens, i)) return false;
  if (/^(?:dream|quote|lyrics)$/.test(token.lower)) return token.pos !== 'NOUN' || token.lower === 'lyrics';
  const before = tokens[i - 1];
  const after = tokens[i + 1];
  if (/^(?:wrote|writes)$/.test(token.lower))
    return after === undefined || /^(?:[:,]|that|i|me|to|in|on)$/.test(after.lower);
  if (token.lower === 'according') return tokens[i + 1]?.lower === 'to';
  // "They said yes" is an answer, not a report.
  if (/^(?:yes|no|goodbye|hello|hi|thanks)$/.test(after?.lower ?? '')) return false;
  if (/^(?:tell|say|thought|heard)$/.test(token.lower))
    // "I can't say that I love opera"
    return before !== undefined && (tellers.test(before.lower) || before.lower === 'not');
  return true;
}

/** Whether a sentence reports a professional's finding: "doc says I have …". */
export function isFinding(tokens: readonly Token[]): boolean {
  return tokens.some((_token, i) => isProfessional(tokens, i));
}

/**
 * Whether a professional's finding is reported, which counts as true: "My doctor says I have …". A quotation
 * does not: "the doctor said: …".
 */
function isProfessional(tokens: readonly Token[], at: number): boolean {
  if (tokens[at + 1]?.text === ':' || !/^(?:says?|said|told)$/.test(tokens[at]?.lower ?? '')) return false;
  return tokens.slice(Math.max(0, at - 2), at).some(({ lower }) => professionals.has(lower));
}
const professionals = new Set(
  'doctor doc gp physician pediatrician paediatrician dentist optician nurse midwife therapist physio physiotherapist dermatologist cardiologist allergist neurologist oncologist surgeon specialist psychiatrist vet results scan landlord mechanic'.split(
    ' ',
  ),
);

/**
 * The stated part of a sentence that also asks a question: "I live in Rome, do you know a baker?" Empty for a
 * sentence that is only a question.
 */
export function toldPart(tokens: readonly Token[]): readonly Token[] {
  const asks = tokens.some(({ text }) => /[?？]/.test(text));
  if (!asks) return startsAsQuestion(tokens) ? [] : tokens;
  for (let i = tokens.length - 1; i > 0; i--) {
    if (/^(?:,|;|-|–|—|and|so|but)$/.test(tokens[i]?.lower ?? '') && asksFrom(tokens, i + 1)) {
      const told = tokens.slice(0, i);
      return asksFrom(told, 0) ? [] : told;
    }
  }
  return [];
}

const asking =
  /^(?:do|does|did|can|could|would|will|is|are|was|were|am|should|shall|have|has|what|where|when|why|how|which|who|whom|whose|any|may|might|should)$/;

function asksFrom(tokens: readonly Token[], at: number): boolean {
  return asking.test(tokens[at]?.lower ?? '');
}

/** Whether a sentence is a question without a question mark: "do I live in Rome". */
function startsAsQuestion(tokens: readonly Token[]): boolean {
  const [first, second] = tokens;
  if (first === undefined || second === undefined) return false;
  // No statement begins with "is" or "does". "Is cereal a soup then" is a question.
  if (/^(?:is|are|am|does)$/.test(first.lower)) return true;
  return (
    /^(?:do|does|did|can|could|would|will|is|are|am|should|shall|have|has|was|were)$/.test(first.lower) &&
    /^(?:i|you|he|she|it|we|they|my|your|the|there|this|that)$/.test(second.lower)
  );
}

const handedOver =
  /^(?:give|write|use|make|create|generate|print|output|wrote|persona|example|following|sentence|prompt|text|format|template|translate|line|input|title|caption|status|bio|profile|note|letter|email|story|song|poem|riddle|error|exception|warning|output|log)$/;

/**
 * Whether a sentence gives an example text: "Write a bio: I am …". The text after the colon is not about the
 * user.
 */
function isExample(tokens: readonly Token[]): boolean {
  const colon = tokens.findIndex(({ text }) => text === ':');
  if (/^(?:reads?|states?|goes|runs|begins?|ends?)$/.test(tokens[colon - 1]?.lower ?? '')) return true;
  return colon > 0 && tokens.slice(0, colon).some(({ lower }) => handedOver.test(lower));
}
