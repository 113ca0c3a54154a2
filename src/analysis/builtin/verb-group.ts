import type { Token } from './english.js';
import { knownVerb, type VerbForm } from './verbs.js';

export type Tense =
  | 'present'
  | 'past'
  | 'perfect'
  | 'progressive'
  | 'future'
  | 'perfect-progressive'
  | 'past-progressive';

export interface VerbGroup {
  readonly lemma: string;
  /** The main verb in the form that the user wrote. */
  readonly said: string;
  readonly tense: Tense;
  readonly passive: boolean;
  readonly negated: boolean;
  /** would, could, might, may, must, should, can. */
  readonly modal: string | null;
  readonly usedTo: boolean;
  readonly adverbs: readonly string[];
  /** Index of the first token after the group. */
  readonly end: number;
}

const adverbs = new Set(
  'just really literally also still always usually often recently finally currently now actually totally absolutely definitely already only even both all sometimes truly seriously simply mainly mostly mainly regularly generally normally rarely hardly barely seldom probably maybe perhaps possibly almost nearly kinda sort personally honestly especially secretly officially even quite soon then lately originally together so very never ever'.split(
    ' ',
  ),
);
const modals = new Set(['would', 'could', 'might', 'may', 'must', 'should', 'can', 'shall']);
const beForms = new Set(['am', 'is', 'are', 'was', 'were', 'be', 'been', 'being']);
/** Participles that describe a state: "I am married". */
const states = new Set(
  'married engaged divorced retired widowed separated based allergic interested excited tired scared obsessed addicted involved used named called born diagnosed supposed'.split(
    ' ',
  ),
);

/** Reads auxiliaries, negation, adverbs and the main verb from a position; null if there is no verb. */
export function verbGroupAt(tokens: readonly Token[], start: number): VerbGroup | null {
  let at = start;
  let be: string | null = null;
  let have: string | null = null;
  let did: string | null = null;
  let modal: string | null = null;
  let negated = false;
  let future = false;
  const said: string[] = [];
  for (; at < tokens.length; at++) {
    const word = tokens[at]?.lower ?? '';
    const next = tokens[at + 1]?.lower ?? '';
    if (word === 'not' || word === "n't" || word === 'never') negated = true;
    else if (word === 'no' && next === 'longer') {
      negated = true;
      said.push('no longer');
      at += 1;
    } else if (adverbs.has(word)) said.push(word);
    else if (word === 'will') future = true;
    else if (modals.has(word)) modal = word;
    else if (beForms.has(word)) be = word;
    else if (/^(?:have|has|had)$/.test(word) && isAuxiliaryHave(tokens, at + 1)) have = word;
    else if (/^(?:do|does|did)$/.test(word) && (next === 'not' || isBase(tokens[at + 1]))) did = word;
    else if (be !== null && word === 'going' && next === 'to' && isBase(tokens[at + 2])) {
      future = true;
      be = null;
      at += 1;
    } else break;
  }
  const main = mainVerb(tokens[at]);
  const usedTo =
    be === null && tokens[at]?.lower === 'used' && tokens[at + 1]?.lower === 'to' && isBase(tokens[at + 2]);
  const shared = { negated, modal, usedTo, adverbs: said };
  if (usedTo) {
    const lemma = mainVerb(tokens[at + 2])?.lemma ?? '';
    return { ...shared, lemma, said: lemma, tense: 'past', passive: false, end: at + 3 };
  }
  if (be !== null && (main === null || !isAfterBe(main, tokens[at]))) {
    const past = be === 'was' || be === 'were';
    const tense = future ? 'future' : have !== null ? 'perfect' : past ? 'past' : 'present';
    return { ...shared, lemma: 'be', said: be, tense, passive: false, end: at };
  }
  if (main === null) return null;
  const passive = be !== null && main.form !== 'ing';
  return {
    ...shared,
    lemma: main.lemma,
    said: tokens[at]?.lower ?? '',
    tense: tenseOf(main.form, { be, have, did, future }),
    passive,
    end: at + 1,
  };
}

function tenseOf(
  form: VerbForm,
  aux: { be: string | null; have: string | null; did: string | null; future: boolean },
): Tense {
  if (aux.future) return 'future';
  const past = aux.be === 'was' || aux.be === 'were';
  if (form === 'ing' && aux.be !== null) {
    return aux.have !== null ? 'perfect-progressive' : past ? 'past-progressive' : 'progressive';
  }
  if (aux.have !== null) return 'perfect';
  if (aux.did === 'did' || past) return 'past';
  if (aux.be !== null || aux.did !== null) return 'present';
  return form === 'past' || form === 'participle' ? 'past' : 'present';
}

const forms = ['base', 's', 'past', 'ing', 'participle'] as const;

function mainVerb(token: Token | undefined): { lemma: string; form: VerbForm } | null {
  if (token === undefined) return null;
  const known = knownVerb(token.lower);
  if (known !== undefined) {
    const form = forms.find((candidate) => known.forms.has(candidate));
    return { lemma: known.lemma, form: form ?? 'base' };
  }
  if (token.pos !== 'VERB') return null;
  const { lower, lemma } = token;
  const form = lower.endsWith('ing') ? 'ing' : lower === lemma ? 'base' : lower.endsWith('s') ? 's' : 'past';
  return { lemma, form };
}

function isAfterBe(main: { form: VerbForm; lemma: string }, token: Token | undefined): boolean {
  if (main.form === 'ing') return token?.pos !== 'NOUN';
  if (states.has(token?.lower ?? '')) return /^(?:born|diagnosed|named|called)$/.test(token?.lower ?? '');
  return main.form === 'past' || main.form === 'participle';
}

function isBase(token: Token | undefined): boolean {
  return token !== undefined && (knownVerb(token.lower)?.forms.has('base') === true || token.pos === 'VERB');
}

/** Whether "have" is an auxiliary: it precedes a participle, possibly with adverbs or "not" in between. */
function isAuxiliaryHave(tokens: readonly Token[], at: number): boolean {
  let i = at;
  while (adverbs.has(tokens[i]?.lower ?? '') || /^(?:not|never|n't)$/.test(tokens[i]?.lower ?? '')) i += 1;
  const token = tokens[i];
  if (token === undefined) return false;
  if (token.lower === 'been') return true;
  const verb = knownVerb(token.lower);
  if (verb !== undefined) return verb.forms.has('participle') && token.pos !== 'NOUN';
  return token.pos === 'VERB' && /(?:ed|en|wn|ne)$/.test(token.lower);
}
