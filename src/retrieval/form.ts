/**
 * The form of a query, judged by closed classes of English words. Questions to a memory are about persons and
 * the past; other requests tell an assistant to do something. Neutral for other languages and for keywords.
 */
export interface Form {
  /** 1 when the query speaks of the user, or names one of the two speakers. */
  readonly person: number;
  /** 1 for a question. */
  readonly asks: number;
  /** 1 when the query is about the past. */
  readonly past: number;
  /** 1 for keywords, and for other languages. */
  readonly bare: number;
  /** 1 when the query asks for nothing: "thank you so much", "good night". */
  readonly idle: number;
}

const first = /\b(?:i|my|me|mine|myself|we|our|us|ours)\b/i;
const asking =
  /^\W*(?:(?:in|on|at|to|for|since|with|from|of|about) )?(?:when|where|what|what's|who|whose|whom|which|how|why|did|do|does|is|was|are|were|has|have|had|would|could|can|will|should)\b/i;
const past = /\b(?:did|didn't|was|wasn't|were|weren't|had|has|have|been)\b/i;
const functionWord =
  /\b(?:the|a|an|of|to|in|on|for|with|and|or|is|are|was|were|be|do|does|did|have|has|had|what|which|who|whom|whose|when|where|why|how|i|my|me|we|our|you|your|it|its|that|this|there|at|by|from|about|as|not|can|could|would|will|should)\b/i;

/** "How do I …" asks for general instructions. */
const anybody = /\bhow (?:do|can|could|should|would) (?:i|we)\b/gi;
/** Words that people use with any partner in a conversation. */
const idle = new Set(
  (
    'hi hello hey yo hiya good nice great cool fine perfect awesome well done morning afternoon evening night bye ' +
    'goodbye see you later thank thanks thx so very much a lot for welcome sorry please yes yeah yep no nope ok okay ' +
    "sure stop wait continue go on try again help me can could do it that this is are i understand understood what's up"
  ).split(' '),
);

/** `named`: whether the query names one of the two speakers. */
export function formOf(text: string, isEnglish: boolean, named: boolean): Form {
  const words =
    text
      .toLowerCase()
      .replaceAll('’', "'")
      .match(/[\p{L}\p{N}']+/gu) ?? [];
  const asksNothing = Number(words.every((word) => idle.has(word)));
  if (!isEnglish || !functionWord.test(text)) {
    return { person: 0, asks: 0, past: 0, bare: 1, idle: asksNothing };
  }
  return {
    person: Number(named || first.test(text.replace(anybody, ''))),
    asks: Number(asking.test(text)),
    past: Number(past.test(text)),
    bare: 0,
    idle: asksNothing,
  };
}
