import { code, link } from './plain-text.js';

/** Maximum length of the user's text that is read for facts. Longer inputs are pasted texts. */
export const factCharactersMax = 4_000;

/** Replaces each character of a quotation. A sentence with this mark contains the words of somebody else. */
export const quotedMark = '\ufffc';

export type NotOwn = 'role-play' | 'fiction' | 'pasted' | 'joke' | 'language exercise';

/** The input, in which every character that is not in a statement of the user is replaced by another one. */
export interface OwnWords {
  readonly text: string;
}

/**
 * The user's own statements. Quotations are marked; code, captions, asides and markup are replaced by spaces.
 * Every character keeps its position, so a sentence of the result is at the same place in the input. Of a message
 * that asks for fiction, only what comes before the request counts. A text that is not meant literally is rejected as a
 * whole, with the reason.
 */
export function ownWords(userInput: string): OwnWords | { readonly refused: NotOwn } {
  const all = userInput.slice(0, factCharactersMax);
  const opening = all.slice(0, 600);
  if (rolePlay.test(opening)) return { refused: 'role-play' };
  if (joke.test(all)) return { refused: 'joke' };
  const transcript = all.match(speakerLine)?.length ?? 0;
  if (transcript >= 2 || letter.test(all)) return { refused: 'pasted' };
  if (exercise.test(opening)) return { refused: 'language exercise' };
  const invented = opening.search(fiction);
  const text = invented === -1 ? all : all.slice(0, sentenceStart(all, invented));
  if (invented !== -1 && !/\p{L}/u.test(text)) return { refused: 'fiction' };
  const serious = text.replace(ironic, blank);
  if (!/\p{L}/u.test(serious)) return { refused: 'joke' };
  const kept = [template, code, link, paper, quotedLine, aside, listMark, markup]
    .reduce((result, pattern) => result.replace(pattern, blank), serious)
    .replace(doubleQuoted, unquoted)
    .replace(singleQuoted, unquoted)
    .replace(/\p{Cc}/gu, (control) => (control === '\n' ? '\n' : ' '));
  return { text: kept };
}

/** Where the sentence begins in which a match lies. */
function sentenceStart(text: string, at: number): number {
  return at - (/[^.!?\n]*$/.exec(text.slice(0, at))?.[0].length ?? 0);
}

/** Replaces a match by spaces, and keeps its line breaks. */
function blank(matched: string): string {
  return matched.replace(/[^\n]/g, ' ');
}

/** Keeps a quoted title. Replaces any other quotation by marks of the same length. */
function unquoted(quoted: string): string {
  const inner = quoted.slice(1, -1);
  return isTitle(inner) ? ` ${inner} ` : quotedMark.repeat(quoted.length);
}

const quotedLine = /^[ \t]*>.*$/gm;
const aside = /\((?:[^()]{0,400})\)|\[(?:[^[\]]{0,400})\]/g;
const listMark = /^[ \t]*(?:[#>*+-]{1,6}|\d{1,3}[.)])[ \t]+/gm;
const markup = /[*_~|#]{1,4}/g;
/** Everything up to the end of the sentence with the last ironic emoji. What comes after it counts. */
const ironic = /^[\s\S]*[🙄🤥😜🤪][\s\S]*?(?:[.!?\n]+(?=\s|$)|$)/u;
/** A line with a placeholder of a template: "my name is <NAME>". */
const template = /^[^\n]*<\p{Lu}[\p{Lu}\p{N}_ -]+>[^\n]*$/gmu;

/** The user plays a role. This page and the following pages are not about the user, until the play ends. */
const rolePlay =
  /\b(?:role-?play|let(?:['’]s| us) (?:play (?:a game|pretend)|pretend)|you(?: are|['’]re) [^.!?\n]{1,60} and i(?: am|['’]m) (?:a|an|the|your|\p{Lu})|i(?: am|['’]m) [^.!?\n]{1,60} and you(?: are|['’]re) (?:a|an|the|my|\p{Lu})|pretend (?:that )?(?:i|we)|in character|(?:be|you(?: are|['’]re)|as) (?:my|our|the|a) dungeon master)\b/iu;

/** A role for the assistant, a scene, or a text to invent. The rest of this page is not about the user. */
const fiction =
  /\b(?:pretend (?:to be|that|you)|act as|you are (?:now )?(?:a|an|my|the) \p{L}+|(?<=^|[.!?\n] ?)imagine (?:that )?(?:you|i|we|a|an|yourself)\b|as an? (?:customer|user|admin|student|developer), i (?:want|need|can))\b|\b(?:write|draft|compose|create|generate|continue|tell) (?:me |us |up )?(?:an?|the|this|my|some|another) (?:[\p{L}-]+ ){0,3}(?:story|poem|song|lyrics|scene|dialogue|monologue|script|tweet|persona|joke|prompt|diary|novel|chapter|ad|limerick|haiku|sketch|fanfic)\b/iu;

/**
 * A request to write a text for real use. The request and the text after its colon are not about the user.
 * Other statements are: "Write a cover letter for me. I am a nurse."
 */
const paper =
  /[^.!?\n]*\b(?:write|draft|compose|create|generate|continue) (?:me |us |up )?(?:an?|the|this|my|some|another) (?:[\p{L}-]+ ){0,3}(?:letter|email|e-mail|essay|speech|bio|biography|resume|résumé|cv|post|review|paragraph|text|message|toast|statement|profile)\b(?:[^.!?\n:]*:[\s\S]*|[^.!?\n]*[.!?]*)/giu;

/** A text that a task is about. */
const exercise =
  /^\s*(?:please )?(?:translate|proof-?read|rephrase|paraphrase|reword|rewrite|summari[sz]e|spell-?check|correct|edit|improve|polish|shorten)(?: [\p{L} ]{1,30})?:|\b(?:translate|proof-?read|rephrase|paraphrase|reword|rewrite|summari[sz]e|spell-?check) (?:this|these|the|my|it|following)\b|\b(?:correct|edit|improve|fix|check|polish) (?:(?:this|these|the|my|following) )*(?:grammar|spelling|text|sentences?|paragraphs?|essay|e-?mail|letter|draft|wording|translation)\b|\b(?:the|this|following|below|my) (?:[\p{L}-]+ )?(?:sentence|sentences|paragraph|passage|excerpt|snippet|transcript|lyrics)\b|\b(?:here is|here's|below is|this is) (?:the|my|a|an) (?:[\p{L}-]+ )?(?:text|email|e-mail|article|essay|draft|letter|story|log|code|transcript|abstract)\b|\bhow (?:do|would|can) (?:you|i|one) say\b(?= (?:it|this|that)\b|[^.!?\n]*(?:["“'‘:]|\bin \p{Lu}))|\bin (?:french|spanish|german|italian|english|japanese|chinese|portuguese|russian|arabic|korean|dutch)\s*:/iu;

const joke =
  /(?:^|\s)\/s(?:\s|$)|\b(?:only joking|just joking|jk|(?<!not |n['’]t )kidding|said no one ever|yeah,? right|as if!|not really\b|haha not|sarcasm|april fools?|well,? (?:almost|nearly|not quite))\b/iu;

const speakerLine = /^[ \t]*(?:\[[^\]\n]{1,20}\] ?)?\p{Lu}[\p{L} .]{0,24}:[ \t]+\S/gmu;
const letter =
  /^[ \t]*(?:dear|to whom it may concern|hi team|hello team|from:|subject:|to:)[ ,:][^\n]{0,80}\n[\s\S]*\n|\n[ \t]*(?:best|kind|warm)? ?(?:regards|sincerely|cheers),?[ \t]*\n/i;

const doubleQuoted = /["“«„]([^"“”«»„\n]{1,600})["”»“]/gu;
const singleQuoted = /(?<![\p{L}\p{N}])['‘]([^'‘’\n]{1,300})['’](?![\p{L}\p{N}])/gu;

/**
 * Whether a quotation is a title, such as "Dune" or "The Little Prince". "I live in Rome" is a statement of
 * somebody.
 */
function isTitle(quoted: string): boolean {
  const words = quoted.trim().split(/\s+/);
  // A quoted word that is itself the subject: never say "synergy".
  if (words.length <= 2 && /^[\p{L}\p{N}][\p{L}\p{N} ./_-]*$/u.test(quoted) && !saysSomebody.test(quoted))
    return true;
  if (words.length > 7 || /[.!?;]$/.test(quoted.trim())) return false;
  return !saysSomebody.test(quoted) && /^\p{Lu}|^\p{N}/u.test(quoted.trim());
}

const saysSomebody = /\b(?:i|i'm|im|my|me|you|your|we|our|he|she|yes|no)\b/i;

/** Matches a text with which the user ends a role-play. */
export const endsRolePlay =
  /\b(?:stop|end|enough|quit|leave|out of|back to (?:reality|normal|real life))\b.{0,40}\b(?:role-?play|character|game|pretend\w*|reality|normal|real life|story)\b/i;
