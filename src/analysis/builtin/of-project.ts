import type { Told } from './told.js';

const oneself = /^(?:i|me|my|mine|myself)$/;
/** Slots of things. All other slots are about the user or their people. */
const slotOfThing = /^(?:is:(?!name$)|count:)/;

/**
 * Whether a statement is about a thing that belongs to the project in which it is said: "The deadline is 9 June", "we
 * use Postgres", "our CI runs on Buildkite". What is about the user or their people holds everywhere, and so do orders
 * to the assistant and things that are called by a name.
 */
export function isOfProject({ statement, relations, slot }: Told): boolean {
  const { kind, subject, tokens } = statement;
  if (relations.size > 0 || tokens.some(({ lower }) => oneself.test(lower))) return false;
  if (slot !== null && !slotOfThing.test(slot)) return false;
  switch (kind) {
    case 'thing':
    case 'theirs':
    case 'user':
      return true;
    case 'named':
      // "Amara is tech lead now" is about the tech lead.
      return slot !== null;
    case 'pronoun':
      // "They moved the deadline to 9 June"
      return subject[0]?.lower === 'they';
    case 'dropped':
    case 'imperative':
    case 'dependent':
    case 'fragment':
      return false;
    default:
      return kind satisfies never;
  }
}
