import type { ProfileGroup } from '../../model/profile.js';
import type { TraitDraft } from '../../ports/analyser.js';
import { phraseText } from './phrases.js';
import { formOf, isStandingOrder, type SentenceForm } from './statements.js';

/** A trait that a single sentence states. */
export interface Stated {
  readonly group: ProfileGroup;
  readonly dimension: string;
  readonly level: TraitDraft['level'];
}

const answers = '(?:answers?|repl(?:y|ies)|responses?|explanations?|messages?|summar(?:y|ies))';
const once =
  /\b(?:this time|for this one|just (?:this )?once|in this case|for now|today|this (?:answer|reply|response|one)|that (?:answer|reply|response))\b/i;

const wish = (
  group: ProfileGroup,
  dimension: string,
  level: Stated['level'],
  pattern: string,
): Stated & { readonly pattern: RegExp } => ({ group, dimension, level, pattern: new RegExp(pattern, 'i') });

/**
 * Requests about answers. Each pattern has words that refer to answers, because "short" alone may describe
 * anything.
 */
const wishes = [
  wish(
    'ai_alignment',
    'Conciseness',
    'High',
    String.raw`\b(?:short(?:er)?|brief|concise|succinct|to the point)\b.{0,20}\b${answers}\b|\b${answers}\b.{0,20}\b(?:short(?:er)?|brief|concise|succinct|to the point)\b|\b(?:answer|reply|respond|explain|write)\b.{0,20}\b(?:briefly|concisely|in (?:one|two|a few) (?:sentences?|lines|words)|in short)\b|^(?:\W|please|always)*(?:be|stay|keep it) (?:brief|concise|succinct|short)\b`,
  ),
  wish(
    'ai_alignment',
    'Conciseness',
    'Low',
    String.raw`\b(?:long(?:er)?|detailed|thorough|in-depth|extensive|exhaustive)\b.{0,20}\b${answers}\b|\b${answers}\b.{0,20}\b(?:long(?:er)?|detailed|thorough|in-depth|in detail)\b`,
  ),
  wish(
    'ai_alignment',
    'Complexity',
    'Low',
    String.raw`\b(?:answer|reply|respond|explain|write|use|speak|${answers})\b.{0,30}\b(?:simple|plain|easy|layman'?s?) (?:terms|words|language|english)\b|\b(?:no|without|avoid|skip) (?:the )?jargon\b`,
  ),
  wish(
    'ai_alignment',
    'Complexity',
    'High',
    String.raw`\b(?:technical|in-depth|advanced)\b.{0,20}\b${answers}\b|\bexplain\b.{0,30}\b(?:technical(?:ly)?|internals|in depth|the theory)\b`,
  ),
  wish(
    'ai_alignment',
    'Honesty',
    'High',
    String.raw`\bbe (?:brutally |completely |totally |always )?(?:honest|frank|blunt)\b|\b(?:not|never|no) sugar-?coat|\bhonest (?:feedback|opinions?|answers?)\b|\b(?:not|never) flatter me\b`,
  ),
  wish(
    'ai_alignment',
    'Truthfulness',
    'High',
    String.raw`\b(?:cite|give|add|include|name|show)\b.{0,12}\bsources?\b|\b(?:not|never) (?:make (?:things|stuff|anything) up|guess|invent|hallucinate)\b|\b${answers}\b.{0,12}\bwith sources\b`,
  ),
  wish(
    'content_interests',
    'Language Style',
    'High',
    String.raw`\b(?:formal|professional) (?:tone|language|style)\b|\b(?:be|stay|write|answer|speak)\b.{0,10}\bformal(?:ly)?\b`,
  ),
  wish(
    'content_interests',
    'Language Style',
    'Low',
    String.raw`\b(?:casual|informal|relaxed) (?:tone|language|style)\b|\b(?:be|stay|write|answer|talk)\b.{0,10}\b(?:casual(?:ly)?|informal(?:ly)?)\b`,
  ),
  wish(
    'content_interests',
    'Practicality',
    'High',
    String.raw`\b(?:practical|hands-on|concrete|actionable|working|real) (?:examples?|steps|tips|advice|code)\b`,
  ),
];

/**
 * The wish about all future answers in a statement: a standing order, a plain order about answers, or a
 * preference. Null if there is none.
 */
export function wishIn(said: SentenceForm): Stated | null {
  const form = withoutOpening(said);
  const text = phraseText(form.tokens);
  if (once.test(text)) return null;
  const isStanding = form !== said || isStandingOrder(form.tokens);
  if (!isOrder(form, text, isStanding) && !isPreference(form, text)) return null;
  const found = wishes.find(({ pattern }) => pattern.test(text));
  if (found === undefined || (form.verb?.negated === true && !deniesItself.test(text))) return null;
  const { group, dimension, level } = found;
  return { group, dimension, level };
}

const fromNowOn = /^(?:from now on|in (?:the )?future|going forward|in general|generally),? /i;

/** Removes the opening of an order: "From now on, answer briefly" becomes "answer briefly". */
function withoutOpening(form: SentenceForm): SentenceForm {
  const opening = fromNowOn.exec(
    form.tokens
      .map(({ text }) => text)
      .join(' ')
      .replace(/ ,/g, ','),
  )?.[0];
  if (opening === undefined) return form;
  const count = opening.match(/[\p{L}]+|,/gu)?.length ?? 0;
  return formOf(form.tokens.slice(count));
}

/** Matches wishes that are negative themselves: "never guess". */
const deniesItself = /\b(?:not|never|no) (?:sugar|flatter|make|guess|invent|hallucinate|use)/i;
const ofAnswers = new RegExp(String.raw`\b(?:your|all|any) (?:\p{L}+ )?${answers}\b|\bmy questions\b`, 'iu');
const aboutAnswers = new RegExp(String.raw`\b${answers}\b|\b(?:sources|examples?|tone|jargon)\b`, 'i');
/** Matches answers of somebody else: "answers from my boss" are not the assistant's. */
const ofSomebodyElse = /\b(?:from|of|by|to) (?:my|our|the|a|his|her|their)\b|\b(?:his|her|their)\b/i;

function isOrder({ kind }: SentenceForm, text: string, isStanding: boolean): boolean {
  // At the beginning of a sentence, the tagger reads "answer" and "reply" as nouns.
  if (kind === 'fragment') return isStanding && /^(?:please )?(?:answer|reply|respond)\b/i.test(text);
  return kind === 'imperative' && (isStanding || ofAnswers.test(text));
}

function isPreference({ kind, verb }: SentenceForm, text: string): boolean {
  if (kind !== 'user' || verb === null || verb.negated) return false;
  const wishes =
    /^(?:prefer|like|love|want|need|appreciate)$/.test(verb.lemma) &&
    (verb.modal === null || verb.modal === 'would') &&
    /^(?:present|progressive)$/.test(verb.tense);
  return wishes && aboutAnswers.test(text) && !ofSomebodyElse.test(text);
}

const self = (dimension: string, level: Stated['level'], words: string) => ({
  group: 'needs_and_personality' as const,
  dimension,
  level,
  pattern: new RegExp(
    String.raw`^(?:(?:an?|the|very|really|quite|pretty|such|just|definitely|always|generally|naturally|rather|more of|kind of|bit of|little|total|huge|big|real|complete|extreme|person|extremely|highly) )*(?:${words})(?: (?:person|type|by nature|at heart|myself))*(?:[.,!]|$| and\b| so\b| but\b| who\b| when it comes\b| with\b)`,
    'i',
  ),
});

/** Words with which people describe their character. */
const characters = [
  self('Extraversion', 'Low', 'introvert(?:ed)?|shy'),
  self('Extraversion', 'High', 'extrovert(?:ed)?|extravert(?:ed)?|outgoing|people person|social butterfly'),
  self('Openness', 'High', 'curious person|curious by nature|adventurous|open-minded'),
  self('Conscientiousness', 'High', 'perfectionist|punctual|disciplined|meticulous|organi[sz]ed'),
  self('Conscientiousness', 'Low', 'disorgani[sz]ed|procrastinator|messy'),
  self('Neuroticism', 'High', 'anxious person|worrier|worrywart|overthinker'),
  self('Need for Achievement', 'High', 'ambitious|competitive'),
  self('Need for Autonomy', 'High', 'independent|my own boss'),
];

/**
 * The character that a statement gives: "I am an introvert". The statement must be about the user, in the
 * present, and without restrictions.
 */
export function characterIn({ kind, verb, rest, tokens }: SentenceForm): Stated | null {
  if (kind !== 'user' || verb === null || verb.lemma !== 'be' || verb.negated || verb.modal !== null)
    return null;
  if (verb.tense !== 'present' && verb.tense !== 'perfect') return null;
  if (tokens.some(({ lower }) => /^(?:we|not|today|right|if|too|getting|feeling)$/.test(lower))) return null;
  const text = phraseText(rest);
  const found = characters.find(({ pattern }) => pattern.test(text));
  if (found === undefined) return null;
  const { group, dimension, level } = found;
  return { group, dimension, level };
}
