import type { EnglishReader } from '../../src/analysis/builtin/english.js';
import { ownWords } from '../../src/analysis/builtin/own-words.js';
import { type Statement, statementsOf } from '../../src/analysis/builtin/statements.js';

/** The statements of a message. */
export function statementsIn(text: string, reader: EnglishReader): Statement[] {
  const own = ownWords(text);
  if ('refused' in own) throw new Error(own.refused);
  return statementsOf(own, text, reader, () => undefined);
}
