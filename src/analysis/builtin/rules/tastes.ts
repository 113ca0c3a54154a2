import type { Token } from '../english.js';
import { asTold, isVague, nounListAt, nounPhraseAt, phraseText, trimmed } from '../phrases.js';
import { type FoundFact, isCertain, type TimedClause, wordAt } from '../timed-clause.js';
import { commonPlaces, emptyHeads } from '../word-lists.js';

const verbs: Readonly<Record<string, { told: string; likes: boolean; deniable: boolean }>> = {
  love: { told: 'love', likes: true, deniable: false },
  like: { told: 'like', likes: true, deniable: true },
  enjoy: { told: 'enjoy', likes: true, deniable: true },
  adore: { told: 'adore', likes: true, deniable: false },
  hate: { told: 'hate', likes: false, deniable: false },
  dislike: { told: 'dislike', likes: false, deniable: false },
  detest: { told: 'detest', likes: false, deniable: false },
  loathe: { told: 'loathe', likes: false, deniable: false },
  despise: { told: 'despise', likes: false, deniable: false },
};

/** Likes and dislikes. The slot is what is liked, so that a later dislike of it supersedes. */
export function tasteFacts(clause: TimedClause): FoundFact[] {
  if (clause.subject.kind === 'theirs') return favourite(clause);
  const { verb } = clause;
  if (verb.lemma === 'stand' || verb.lemma === 'bear') return cannotStand(clause);
  if (!isCertain(verb) || clause.subject.with.length > 0) return [];
  if (verb.lemma === 'prefer') return prefers(clause);
  if (verb.lemma === 'be') return isFond(clause);
  const kind = Object.hasOwn(verbs, verb.lemma) ? verbs[verb.lemma] : undefined;
  if (kind === undefined) return [];
  if (verb.usedTo) return tasteOf(clause, clause.rest, `used to ${kind.told}`, !kind.likes);
  if (verb.tense !== 'present') return [];
  if (!verb.negated) return tasteOf(clause, clause.rest, `${kind.told}s`, kind.likes);
  if (verb.adverbs.includes('no longer'))
    return tasteOf(clause, clause.rest, `no longer ${kind.told}s`, !kind.likes);
  if (!kind.deniable) return [];
  const anymore = clause.rest.some(({ lower }) => lower === 'anymore');
  return tasteOf(
    clause,
    clause.rest.filter(({ lower }) => lower !== 'anymore'),
    anymore ? `no longer ${kind.told}s` : `does not ${kind.told}`,
    false,
  );
}

function tasteOf(clause: TimedClause, rest: readonly Token[], told: string, likes: boolean): FoundFact[] {
  const what = objectAt(rest);
  if (what === null || clause.when !== null || !clause.complete) return [];
  return [
    {
      text: `The user ${told} ${what.text}`,
      slot: `preference:${what.key}`,
      value: likes ? 'likes' : 'dislikes',
      when: null,
    },
  ];
}

/** What can be liked for long: a kind of thing, a name, a doing; not this one thing just spoken of. */
function objectAt(rest: readonly Token[]): { text: string; key: string } | null {
  const all = trimmed(rest);
  const first = all[0];
  if (first === undefined) return null;
  if (first.lower === 'to' || isDoing(first)) return doingAt(all);
  const list = nounListAt(all, 0);
  if (list === null) return null;
  const rest_ = all.slice(list.end);
  const goesOn = rest_.length > 0 && rest_[0]?.pos !== 'ADP' && !/^(?:,|and)$/.test(rest_[0]?.lower ?? '');
  if (goesOn) return null;
  const object = rest_[0]?.lower === ',' || rest_[0]?.lower === 'and' ? list.tokens : all;
  if (object.length > 9 || !isKindOfThing(all, list.determiner, list.head)) return null;
  const text = asTold(object);
  return text === null ? null : { text, key: keyOf(list.tokens) };
}

function isKindOfThing(tokens: readonly Token[], determiner: string, head: Token): boolean {
  if (emptyHeads.has(head.lower)) return false;
  if (determiner === 'the') {
    const second = tokens[1];
    return second !== undefined && (commonPlaces.has(head.lower) || /^\p{Lu}/u.test(second.text));
  }
  if (determiner === 'my' || determiner === 'our') {
    return (
      /^(?:job|dog|cat|dogs|cats|family|wife|husband|kids|children|garden|bike|car|city|town|hometown|neighborhood|neighbourhood|morning|coffee)$/.test(
        head.lower,
      ) && tokens.length <= 3
    );
  }
  return (
    !/^(?:no|some|any|an|a|both|all|several|many|few)$/.test(determiner) ||
    (/^an?$/.test(determiner) && tokens.length >= 3)
  );
}

function isDoing(token: Token | undefined): boolean {
  return (
    token !== undefined &&
    /^\p{Ll}{2,}ing$/u.test(token.text) &&
    !/^(?:something|everything|nothing|anything|thing|king|spring|evening|morning|wedding|string|ceiling|darling|clothing|pudding)$/.test(
      token.lower,
    )
  );
}

const doingWordsMax = 9;

/** "baking sourdough on weekends", "to read in the bath". */
function doingAt(tokens: readonly Token[]): { text: string; key: string } | null {
  if (tokens.length > doingWordsMax || isVague(tokens)) return null;
  const verb = tokens[0]?.lower === 'to' ? tokens[1] : tokens[0];
  if (
    verb === undefined ||
    /^(?:be|being|see|seeing|hear|hearing|know|knowing|think|thinking|say|saying|tell|get|getting|have|having|feel|feeling|make|making)$/.test(
      verb.lower,
    )
  )
    return null;
  if (tokens[0]?.lower === 'to' && verb.pos !== 'VERB') return null;
  const text = asTold(tokens);
  return text === null ? null : { text, key: keyOf(tokens[0]?.lower === 'to' ? tokens.slice(1) : tokens) };
}

function keyOf(tokens: readonly Token[]): string {
  const words = tokens.filter(({ lower }) => !/^(?:a|an|the|my|our|some)$/.test(lower));
  return phraseText(words).toLowerCase();
}

function cannotStand(clause: TimedClause): FoundFact[] {
  const { verb } = clause;
  if (!verb.negated || verb.modal !== 'can' || (verb.lemma !== 'stand' && verb.lemma !== 'bear')) return [];
  const what = objectAt(clause.rest);
  if (what === null) return [];
  return [
    {
      text: `The user cannot ${verb.lemma} ${what.text}`,
      slot: `preference:${what.key}`,
      value: 'dislikes',
      when: null,
    },
  ];
}

function prefers(clause: TimedClause): FoundFact[] {
  if (clause.verb.tense !== 'present' || clause.verb.negated) return [];
  const text = asTold(clause.rest);
  const what = nounPhraseAt(clause.rest, 0);
  const compared = clause.rest.some(({ lower }) => /^(?:over|to|than)$/.test(lower));
  if (text === null || !compared || clause.rest.length > 10) return [];
  if (what === null ? !isDoing(clause.rest[0]) : /^(?:the|no)$/.test(what.determiner)) return [];
  const sides = text
    .toLowerCase()
    .split(/ (?:over|to|than) /)
    .map((side) => side.replace(/^(?:a|an|the) /, ''));
  return [
    {
      text: `The user prefers ${text}`,
      slot: `preference:${[...sides].sort().join(' or ')}`,
      value: sides[0] ?? text,
      when: null,
    },
  ];
}

/** "a huge fan of", "into", "fond of", "obsessed with", "afraid of". */
function isFond(clause: TimedClause): FoundFact[] {
  const { verb, rest } = clause;
  if (verb.tense !== 'present' && !(verb.tense === 'perfect' && !verb.negated)) return [];
  const fan =
    /^(?:a |not a )?(?:(?:big|huge|massive|lifelong|great|real|die-hard|diehard) )?(?:fan|lover) of /.exec(
      phraseText(rest).toLowerCase(),
    );
  if (fan !== null) {
    const words = fan[0].trim().split(' ').length;
    const what = objectAt(rest.slice(words));
    const told = verb.negated ? 'is not' : 'is';
    return what === null
      ? []
      : [
          {
            text: `The user ${told} ${phraseText(rest.slice(0, words))} ${what.text}`,
            slot: `preference:${what.key}`,
            value: verb.negated ? 'dislikes' : 'likes',
            when: null,
          },
        ];
  }
  if (verb.negated) return [];
  const opening = `${wordAt(clause, 0)} ${wordAt(clause, 1)}`;
  const into =
    wordAt(clause, 0) === 'into'
      ? 1
      : /^(?:fond of|obsessed with|passionate about|afraid of|scared of|terrified of|interested in|addicted to)$/.test(
            opening,
          )
        ? 2
        : 0;
  if (into === 0) return [];
  const what = objectAt(rest.slice(into));
  if (what === null) return [];
  const likes = !/^(?:afraid|scared|terrified)/.test(opening);
  return [
    {
      text: `The user is ${phraseText(rest.slice(0, into))} ${what.text}`,
      slot: `preference:${what.key}`,
      value: likes ? 'likes' : 'dislikes',
      when: null,
    },
  ];
}

/** "my favourite author is Ursula Le Guin". */
function favourite(clause: TimedClause): FoundFact[] {
  const { subject, verb, rest } = clause;
  if (
    subject.kind !== 'theirs' ||
    verb.lemma !== 'be' ||
    verb.tense !== 'present' ||
    verb.negated ||
    !isCertain(verb)
  )
    return [];
  const [word, ...kind] = subject.words.slice(1);
  if (!/^favou?rites?$/.test(word?.lower ?? '') || kind.length === 0 || kind.length > 3) return [];
  const list = nounListAt(rest, 0);
  const doing = isDoing(rest[0]);
  const last = kind.at(-1)?.lower ?? '';
  if ((list === null && !doing) || emptyHeads.has(last) || !clause.complete) return [];
  if (/^(?:thing|one|character|scene|quote|episode|level|bit|line|version|memory)s?$/.test(last)) return [];
  const text = asTold(list === null || doing ? rest.slice(0, 8) : rest);
  if (text === null || text.split(' ').length > 9) return [];
  const what = phraseText(kind);
  return [
    {
      text: `The user's ${word?.lower} ${what} is ${text}`,
      slot: `favourite:${what.toLowerCase()}`,
      value: text.toLowerCase(),
      when: null,
    },
  ];
}
