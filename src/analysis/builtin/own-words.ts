import { code, link } from './plain-text.js';

/** Of what the user says, so many characters are read for facts: longer inputs are pasted, not told. */
export const factCharactersMax = 4_000;

/** Stands for each character of what was quoted: a sentence that holds it is about someone else's words. */
export const quotedMark = '\ufffc';

export type NotOwn = 'role-play' | 'pasted' | 'joke' | 'language exercise';

/** What a user says in their own name: the input, with everything else blanked out, character for character. */
export interface OwnWords {
  readonly text: string;
}

/**
 * What a user says in their own name: quotations marked, code, captions, asides and markup blanked. Every character stays
 * where it was, so that a sentence of the result stands verbatim at the same place of the input. A text that is not
 * meant as told is refused as a whole, with the reason.
 */
export function ownWords(userInput: string): OwnWords | { readonly refused: NotOwn } {
  const text = userInput.slice(0, factCharactersMax);
  const opening = text.slice(0, 600);
  if (rolePlay.test(opening)) return { refused: 'role-play' };
  if (joke.test(text)) return { refused: 'joke' };
  if (exercise.test(opening)) return { refused: 'language exercise' };
  const transcript = text.match(speakerLine)?.length ?? 0;
  if (transcript >= 2 || letter.test(text)) return { refused: 'pasted' };
  const kept = [code, link, paper, quotedLine, aside, listMark, markup]
    .reduce((result, pattern) => result.replace(pattern, blank), text)
    .replace(doubleQuoted, unquoted)
    .replace(singleQuoted, unquoted)
    .replace(/\p{Cc}/gu, (control) => (control === '\n' ? '\n' : ' '));
  return { text: kept };
}

/** Blanks that keep the lines. */
function blank(matched: string): string {
  return matched.replace(/[^\n]/g, ' ');
}

/** A title is said as it stands; what somebody else said is marked, as long as it was. */
function unquoted(quoted: string): string {
  const inner = quoted.slice(1, -1);
  return isTitle(inner) ? ` ${inner} ` : quotedMark.repeat(quoted.length);
}

const quotedLine = /^[ \t]*>.*$/gm;
const aside = /\((?:[^()]{0,400})\)|\[(?:[^[\]]{0,400})\]/g;
const listMark = /^[ \t]*(?:[#>*+-]{1,6}|\d{1,3}[.)])[ \t]+/gm;
const markup = /[*_~|#]{1,4}/g;

/** A request to play a part, to write, or a scene: what follows is not about the user. */
const rolePlay =
  /\b(?:role-?play|pretend (?:to be|that|you|i)|act as|you are (?:now )?(?:a|an|my|the) \p{L}+|(?<=^|[.!?\n] ?)imagine (?:that )?(?:you|i|we|a|an|yourself)\b|in character|dungeon master|as an? (?:customer|user|admin|student|developer), i (?:want|need|can))\b|\b(?:write|draft|compose|create|generate|continue|tell) (?:me |us |up )?(?:an?|the|this|my|some|another) (?:[\p{L}-]+ ){0,3}(?:story|poem|song|lyrics|scene|dialogue|monologue|script|tweet|persona|joke|prompt|diary|novel|chapter|ad|limerick|haiku|sketch|fanfic)\b/iu;

/**
 * A request to write something for use in real life. The request itself, and what follows its colon, is not about the
 * user; what the user tells besides is: "Write a cover letter for me. I am a nurse."
 */
const paper =
  /[^.!?\n]*\b(?:write|draft|compose|create|generate|continue) (?:me |us |up )?(?:an?|the|this|my|some|another) (?:[\p{L}-]+ ){0,3}(?:letter|email|e-mail|essay|speech|bio|biography|resume|résumé|cv|post|review|paragraph|text|message|toast|statement|profile)\b(?:[^.!?\n:]*:[\s\S]*|[^.!?\n]*[.!?]*)/giu;

/** Text is handed over for work on it. */
const exercise =
  /\b(?:translate|proof-?read|rephrase|paraphrase|reword|rewrite|summari[sz]e|spell-?check) (?:this|these|the|my|it|following)\b|\b(?:correct|edit|improve|fix|check|polish) (?:(?:this|these|the|my|following) )*(?:grammar|spelling|text|sentences?|paragraphs?|essay|e-?mail|letter|draft|wording|translation)\b|\b(?:the|this|following|below|my) (?:[\p{L}-]+ )?(?:sentence|sentences|paragraph|passage|excerpt|snippet|transcript|lyrics)\b|\b(?:here is|here's|below is|this is) (?:the|my|a|an) (?:[\p{L}-]+ )?(?:text|email|e-mail|article|essay|draft|letter|story|log|code|transcript|abstract)\b|\bhow (?:do|would|can) (?:you|i|one) say\b|\bin (?:french|spanish|german|italian|english|japanese|chinese|portuguese|russian|arabic|korean|dutch)\s*:/iu;

const joke =
  /(?:^|\s)\/s(?:\s|$)|\b(?:just kidding|only joking|just joking|jk|kidding|said no one ever|yeah,? right|as if!|not really\b|haha not|sarcasm|april fools?|well,? (?:almost|nearly|not quite))\b|[🙄🤥😜🤪]/iu;

const speakerLine = /^[ \t]*(?:\[[^\]\n]{1,20}\] ?)?\p{Lu}[\p{L} .]{0,24}:[ \t]+\S/gmu;
const letter =
  /^[ \t]*(?:dear|to whom it may concern|hi team|hello team|from:|subject:|to:)[ ,:][^\n]{0,80}\n[\s\S]*\n|\n[ \t]*(?:best|kind|warm)? ?(?:regards|sincerely|cheers),?[ \t]*\n/i;

const doubleQuoted = /["“«„]([^"“”«»„\n]{1,600})["”»“]/gu;
const singleQuoted = /(?<![\p{L}\p{N}])['‘]([^'‘’\n]{1,300})['’](?![\p{L}\p{N}])/gu;

/** "Dune" and "The Little Prince" are titles; "I live in Rome" is what somebody said. */
function isTitle(quoted: string): boolean {
  const words = quoted.trim().split(/\s+/);
  // A word that is talked about: never say "synergy".
  if (words.length <= 2 && /^[\p{L}\p{N}][\p{L}\p{N} ./_-]*$/u.test(quoted) && !saysSomebody.test(quoted))
    return true;
  if (words.length > 7 || /[.!?;]$/.test(quoted.trim())) return false;
  return !saysSomebody.test(quoted) && /^\p{Lu}|^\p{N}/u.test(quoted.trim());
}

const saysSomebody = /\b(?:i|i'm|im|my|me|you|your|we|our|he|she|yes|no)\b/i;

/** Whether the user ends a role-play. */
export const endsRolePlay =
  /\b(?:stop|end|enough|quit|leave|out of|back to (?:reality|normal|real life))\b.{0,40}\b(?:role-?play|character|game|pretend\w*|reality|normal|real life|story)\b/i;
