import type { Token } from '../builtin/english.js';

const denying = new Set(
  'not never no none nobody nothing nowhere neither nor without hardly barely scarcely unable'.split(' '),
);
/** Verbs with a negative meaning: "dislikes" is "does not like". */
const denyingLemmas = new Set('dislike hate loathe detest avoid refuse lack fail forget'.split(' '));

/** Whether a statement is negative. Two negations cancel each other. */
export function isDenied(tokens: readonly Token[]): boolean {
  return tokens.filter((token, i) => denies(tokens, token, i)).length % 2 === 1;
}

function denies(tokens: readonly Token[], token: Token, i: number): boolean {
  const next = tokens[i + 1];
  if (token.lower === 'not' || token.lower === 'no') {
    // Excludes "not only", "no longer" (which means that something has ended), and "no," as an answer.
    if (/^(?:only|just|merely|simply|sure|longer)$/.test(next?.lower ?? '')) return false;
    return !(token.lower === 'no' && (next === undefined || /^[,.!]/.test(next.text)));
  }
  if (denying.has(token.lower)) return true;
  if (/-free$|^non-/.test(token.lower)) return true;
  if (token.pos !== 'NOUN' && denyingLemmas.has(token.lemma)) return true;
  // "can not stand mornings" is negated once, by "not".
  return false;
}

/** The most common negations of other languages, as words or, in scripts without spaces, as characters. */
const denyingAbroad =
  /(?<![\p{L}\p{M}'’])(?:ne|n['’]|pas|jamais|aucune?|non|mai|nessuno|nunca|jamás|tampoco|não|nem|nicht|kein\p{L}*|nie|niemals|niet|geen|nooit|inte|ingen|aldrig|ikke|ei|nie|не|нет|никогда|ні|δεν|μη|değil|asla|لا|ليس|لم|لن|ليست|לא|אין|नहीं|मत|không|chưa|tidak|bukan|no)(?![\p{L}\p{M}])|ません|ない(?!と)|なかった|(?<!差)不(?![错同過过但僅仅])|没(?![问错])|沒(?![問錯])|안 |못 |않|없|ไม่/giu;
const denyingEnglish = /\b(?:not|never|no|none|without|nothing)\b|n['’]t\b/i;

/** Whether a statement in any language is negative, judged only by its words. */
export function isDeniedAbroad(text: string, isEnglish: boolean): boolean {
  denyingAbroad.lastIndex = 0;
  return isEnglish ? denyingEnglish.test(text) : denyingAbroad.test(text);
}
