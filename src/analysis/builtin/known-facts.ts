import type { Fact } from '../../model/knowledge.js';
import type { EnglishReader } from './english.js';
import { formOf, tokensOf } from './statements.js';
import { type Told, toldOf } from './told.js';

/** A known fact, read as a statement of the user. Cached, because every page asks for it. */
export function toldFact(fact: Fact, reader: EnglishReader): Told {
  const before = read.get(fact.id);
  if (before !== undefined && before.knowledge === fact.knowledge) return before.told;
  const told = readFact(fact, reader);
  if (read.size >= readMax) read.clear();
  read.set(fact.id, { knowledge: fact.knowledge, told });
  return told;
}
const read = new Map<string, { readonly knowledge: string; readonly told: Told }>();
const readMax = 2_000;

function readFact(fact: Fact, reader: EnglishReader): Told {
  const told = toldOfText(fact.quote ?? asSaid(fact.knowledge), reader);
  return { ...told, slot: fact.slot ?? told.slot };
}

/** The fact in the words of the user: "The user's dog is deaf" becomes "My dog is deaf". */
export function asSaid(knowledge: string): string {
  return knowledge
    .replace(/^The user's\b/, 'My')
    .replace(/^The user is\b/, 'I am')
    .replace(/^The user\b/, 'I')
    .replace(/\b(?:their|the user's)\b/g, 'my');
}

export function toldOfText(text: string, reader: EnglishReader): Told {
  return toldOf(formOf(tokensOf(text, reader)));
}

/** A fact that a host or a model worded ("The user lives in Rome."), read as a statement of the user. */
export function toldOfFact(knowledge: string, reader: EnglishReader): Told {
  return toldOfText(asSaid(knowledge), reader);
}
