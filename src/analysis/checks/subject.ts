import type { Token } from '../builtin/english.js';
import type { StatedClause, Subject } from './statement.js';

/**
 * Whether a fact attributes a statement about one person to another. `fact`: the clause of the fact, with the
 * user (or the assistant, for facts about it) as the speaker. `factText` is read for other names.
 */
export function isSomebodyElses(said: StatedClause, fact: StatedClause, factText: string): boolean {
  const { subject } = said;
  switch (subject.kind) {
    case 'speaker':
      return (
        fact.subject.kind === 'theirs' && !speaksOfUs(said.tokens) && !isNamedIn(fact.subject, said.tokens)
      );
    case 'listener':
      return fact.subject.kind === 'speaker';
    case 'theirs':
    case 'other':
      if (speaksOfSpeaker(said.tokens) && subject.kind === 'other') return false;
      return !isAlsoOf(subject, fact, factText);
    case 'unknown':
      return false;
    default:
      return subject satisfies never;
  }
}

/** "It took me", "the prize was mine". */
function speaksOfSpeaker(tokens: readonly Token[]): boolean {
  return tokens.some(({ lower }) => /^(?:me|my|mine|us|our|ours|myself)$/.test(lower));
}

/** "We settled on Kafka" is also about the team. */
function speaksOfUs(tokens: readonly Token[]): boolean {
  return tokens.some(({ lower }) => /^(?:we|us|our)$/.test(lower));
}

/**
 * Whether the fact is about the subject of the clause: by the noun ("brother"), by a name, or at least not
 * the user.
 */
function isAlsoOf(
  subject: Extract<Subject, { words: readonly Token[] }>,
  fact: StatedClause,
  factText: string,
): boolean {
  const text = factText.toLowerCase();
  const nouns = subject.words.filter(
    ({ pos, lower }) => /^(?:NOUN|PROPN)$/.test(pos) && !/^(?:user|assistant)$/.test(lower),
  );
  if (nouns.length > 0)
    return nouns.some(({ lower, lemma }) => text.includes(lower) || text.includes(lemma.toLowerCase()));
  return fact.subject.kind === 'theirs' || fact.subject.kind === 'other';
}

/** "I have a brother who is a pilot" is also about the brother. */
function isNamedIn(
  subject: Extract<Subject, { words: readonly Token[] }>,
  tokens: readonly Token[],
): boolean {
  const nouns = subject.words.filter(({ pos }) => /^(?:NOUN|PROPN)$/.test(pos));
  return (
    nouns.length === 0 ||
    nouns.some(({ lemma, lower }) => tokens.some((token) => token.lemma === lemma || token.lower === lower))
  );
}
