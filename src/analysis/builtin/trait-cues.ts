import type { ProfileGroup } from '../../model/profile.js';
import type { TraitDraft } from '../../ports/analyser.js';

/** A sentence that says a trait outright. */
export interface StatedTrait {
  readonly group: ProfileGroup;
  readonly dimension: string;
  readonly level: TraitDraft['level'];
  readonly pattern: RegExp;
  readonly unless?: RegExp;
}

const once = /\b(?:this time|for this one|just this once|in this case)\b/i;

function wish(dimension: string, level: TraitDraft['level'], pattern: RegExp): StatedTrait {
  return { group: 'ai_alignment', dimension, level, pattern, unless: once };
}

function self(dimension: string, level: TraitDraft['level'], pattern: RegExp): StatedTrait {
  return { group: 'needs_and_personality', dimension, level, pattern };
}

const am = String.raw`\bI (?:am|have always been) (?:(?:really|very|quite|pretty|such|just|definitely|always|generally|naturally) )*(?:an? )?(?:(?:very|really|quite|pretty|big|total|huge|real) )*`;

/** Wishes about the answers, and what people say of their own character. */
export const stated: readonly StatedTrait[] = [
  wish(
    'Conciseness',
    'High',
    /\b(?:keep (?:it|them|this|your (?:answers?|replies|responses)|answers?|things) (?:short|brief|concise|succinct)|(?:be|stay) (?:more )?(?:brief|concise|succinct)|short(?:er)? (?:answers?|replies|responses)|(?:too long|no fluff|without the fluff|less wordy|get to the point|cut to the chase|tl;?dr please)|(?:just|only) (?:the )?(?:bullet points|key points|essentials))\b/i,
  ),
  wish(
    'Conciseness',
    'Low',
    /\b(?:(?:longer|more detailed|more thorough|in-depth) (?:answers?|replies|responses|explanations?)|(?:do not|never) (?:be|keep it) (?:so |too )?(?:brief|short)|(?:that|it|(?:your|the) (?:answer|reply|response)) (?:is|was) too short)\b/i,
  ),
  wish(
    'Complexity',
    'High',
    /\b(?:(?:explain|walk|show|guide|teach|tell|break|take|describe|give)\b.{0,40}\b(?:step[- ]by[- ]step|in (?:more |great |full )?(?:detail|depth))|step[- ]by[- ]step,? please|please,? step[- ]by[- ]step|I (?:like|prefer|want|need) (?:detailed|in-depth|technical) (?:answers?|explanations?)|go deeper,? please|(?:explain|tell me) (?:the )?(?:theory|maths?|internals|technical details)|technical (?:answers?|details|terms are fine))\b/i,
  ),
  wish(
    'Complexity',
    'Low',
    /\b(?:(?:in|use|with) (?:simple|plain|layman'?s?|easy) (?:terms|words|language|english)|keep it simple|explain (?:it )?like I am (?:five|5|a beginner)|eli5|no jargon|without jargon|simpler (?:words|terms|explanations?))\b/i,
  ),
  wish(
    'Honesty',
    'High',
    /\b(?:be (?:brutally |completely |totally )?(?:honest|frank|blunt) with me|(?:do not|never) sugarcoat|tell me the truth|honest (?:feedback|opinion) please|(?:do not|never) flatter me)\b/i,
  ),
  wish(
    'Truthfulness',
    'High',
    /\b(?:(?:do not|never) (?:make things up|hallucinate|guess|invent)|(?:always )?cite (?:your )?sources|with sources|say so (?:when|if) you do not know|double[- ]check (?:your )?facts)\b/i,
  ),
  wish(
    'Instruction Compliance',
    'High',
    /\b(?:follow my instructions|do exactly (?:as|what) I (?:say|said|ask|asked)|stick to (?:what|my)|only answer what I (?:ask|asked)|nothing (?:more|else) than what I asked)\b/i,
  ),
  wish(
    'Safety',
    'High',
    /\b(?:(?:keep|treat) (?:this|it|that|my data) (?:private|confidential)|(?:do not|never) (?:share|store) my (?:data|address|personal))\b/i,
  ),
  {
    group: 'content_interests',
    dimension: 'Information Density',
    level: 'High',
    pattern:
      /\b(?:(?:explain|tell|give|describe|show)\b.{0,30}\b(?:in (?:more |great |full )?detail|all the details)|as much (?:detail|information) as (?:possible|you can)|give me (?:the )?numbers|with (?:data|figures|statistics|sources))\b/i,
    unless: once,
  },
  {
    group: 'content_interests',
    dimension: 'Practicality',
    level: 'High',
    pattern:
      /\b(?:practical (?:tips|advice|examples?|steps)|actionable|hands-on|concrete (?:steps|examples?|advice))\b/i,
    unless: once,
  },
  {
    group: 'content_interests',
    dimension: 'Language Style',
    level: 'High',
    pattern:
      /\b(?:(?:use|in) (?:a )?(?:formal|professional|polite) (?:tone|language|style)|be (?:more )?formal)\b/i,
    unless: once,
  },
  {
    group: 'content_interests',
    dimension: 'Language Style',
    level: 'Low',
    pattern:
      /\b(?:(?:use|in) (?:a )?(?:casual|informal|relaxed|friendly) (?:tone|language|style)|(?:be|talk) (?:more )?(?:casual|informal)|no need to be (?:so )?formal)\b/i,
    unless: once,
  },
  self('Extraversion', 'Low', new RegExp(`${am}(?:introvert|introverted|shy)\\b`, 'i')),
  self(
    'Extraversion',
    'High',
    new RegExp(`${am}(?:extrovert|extroverted|extravert|outgoing|people person|social butterfly)\\b`, 'i'),
  ),
  self(
    'Openness',
    'High',
    new RegExp(`${am}(?:curious (?:person|by nature)|adventurous|open-minded)\\b`, 'i'),
  ),
  self(
    'Conscientiousness',
    'High',
    new RegExp(`${am}(?:organi[sz]ed|perfectionist|punctual|disciplined|meticulous)\\b`, 'i'),
  ),
  self('Conscientiousness', 'Low', new RegExp(`${am}(?:disorgani[sz]ed|procrastinator|messy)\\b`, 'i')),
  self('Neuroticism', 'High', new RegExp(`${am}(?:anxious person|worrier|worry-?wart|overthinker)\\b`, 'i')),
  self(
    'Need for Order',
    'High',
    /\bI (?:need|like|love|want) (?:everything (?:to be )?(?:tidy|in order|planned|organi[sz]ed)|(?:order|structure|clear plans|routine|routines))\b/i,
  ),
  self(
    'Need for Autonomy',
    'High',
    /\bI (?:need|value|want|love) (?:my )?(?:independence|freedom|autonomy)\b|\bI (?:hate|can not stand) being told what to do\b/i,
  ),
  self(
    'Need for Achievement',
    'High',
    new RegExp(
      `${am}(?:ambitious|competitive|driven)(?: person)?(?:[.,!]|$| and)|\\bI (?:always )?(?:strive|aim) (?:for|to be) (?:the best|excellence)`,
      'i',
    ),
  ),
  self(
    'Need for Security',
    'High',
    /\bI (?:need|value|prefer|want) (?:financial )?(?:security|stability|a steady income|a secure job)\b/i,
  ),
  self(
    'Need for Belonging',
    'High',
    /\bI (?:feel|am|have been) (?:so |very |really )?lonely\b|\b(?:my friends and )?my family (?:is|means|are|mean) everything\b/i,
  ),
];
