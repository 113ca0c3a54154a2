/**
 * The form of a query, determined from closed classes of English words. A question to a memory is about
 * persons and the past; other requests tell an assistant to do something. For keywords and for other
 * languages, only `bare` and `idle` can be 1.
 */
export interface Form {
  /** 1 if the query mentions the user ("I", "my") or names one of the two speakers. */
  readonly person: number;
  /** 1 if the query addresses the assistant as "you". */
  readonly you: number;
  /** 1 if the query mentions others as "she", "his" or "their". */
  readonly others: number;
  /** 1 for a question. */
  readonly asks: number;
  /** 1 if the query is about the past. */
  readonly past: number;
  /** 1 for keywords, noun phrases and other languages. */
  readonly bare: number;
  /** 1 if the query asks for nothing: "thank you so much", "good night". */
  readonly idle: number;
}

const first = /\b(?:i|my|me|mine|myself|we|our|us|ours)\b/i;
const second = /\b(?:you|your|yours|yourself)\b/i;
const third = /\b(?:he|him|his|she|her|hers|they|them|their|theirs)\b/i;
const asking =
  /^\W*(?:(?:in|on|at|to|for|since|with|from|of|about) )?(?:when|where|what|what's|who|whose|whom|which|how|why|did|do|does|is|was|are|were|has|have|had|would|could|can|will|should)\b/i;
const past = /\b(?:did|didn't|was|wasn't|were|weren't|had|has|have|been)\b/i;
/**
 * Words of sentences: auxiliaries, pronouns and question words. A noun phrase ("tomatoes in the garden") has
 * none of them.
 */
const ofSentences =
  /\b(?:is|are|was|were|be|been|am|do|does|did|have|has|had|what|which|who|whom|whose|when|where|why|how|i|my|me|we|our|us|you|your|it|its|he|she|his|her|they|their|them|can|could|will|would|should|might|must)\b/i;

/** "How do I …" and "where can you …" ask for general instructions. */
const anybody = /\b(?:how (?:do|would)|can|could|should) (?:i|we|you|one)\b/gi;
/** Words of greetings, thanks and short replies, which people use in any conversation. */
const idle = new Set(
  (
    'hi hello hey yo hiya good nice great cool fine perfect awesome well done morning afternoon evening night bye ' +
    'goodbye see you later thank thanks thx so very much a lot for welcome sorry please yes yeah yep no nope ok okay ' +
    "sure stop wait continue go on try again help me can could do it that this is are i understand understood what's up"
  ).split(' '),
);

/** Determines the form of a query. `named` says whether the query names one of the two speakers. */
export function formOf(text: string, isEnglish: boolean, named: boolean): Form {
  const words =
    text
      .toLowerCase()
      .replaceAll('’', "'")
      .match(/[\p{L}\p{N}']+/gu) ?? [];
  const asksNothing = Number(words.every((word) => idle.has(word)));
  if (!isEnglish || !ofSentences.test(text)) {
    return { person: 0, you: 0, others: 0, asks: 0, past: 0, bare: 1, idle: asksNothing };
  }
  const ofSomebody = text.replace(anybody, '');
  return {
    person: Number(named || first.test(ofSomebody)),
    you: Number(second.test(ofSomebody)),
    others: Number(third.test(text)),
    asks: Number(asking.test(text)),
    past: Number(past.test(text)),
    bare: 0,
    idle: asksNothing,
  };
}
