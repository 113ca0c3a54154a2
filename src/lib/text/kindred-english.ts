import { readFileSync } from 'node:fs';
import { packageFile } from '../io/package-files.js';

let kin: Map<string, readonly string[]> | undefined;

/**
 * English index terms with a meaning similar to that of the given index term, nearest first; empty for most
 * terms. They were computed once from word vectors (scripts/make-kindred-english.ts).
 */
export function kindredOf(term: string): readonly string[] {
  kin ??= read();
  return kin.get(term) ?? [];
}

/** One line for each term: the term, then its related terms. */
function read(): Map<string, readonly string[]> {
  const text = readFileSync(packageFile('assets/kindred-english.txt'), 'utf8');
  const found = new Map<string, readonly string[]>();
  for (const line of text.split('\n')) {
    const [term, ...others] = line.split(' ');
    if (term !== undefined && term !== '') found.set(term, others);
  }
  return found;
}
