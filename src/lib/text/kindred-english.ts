import { readFileSync } from 'node:fs';
import { packageFile } from '../io/package-files.js';

let kin: Map<string, readonly string[]> | undefined;

/**
 * Index terms of like meaning, for an English index term, nearest first; empty for most. They come from vectors of
 * words, made once (scripts/make-kindred-english.ts).
 */
export function kindredOf(term: string): readonly string[] {
  kin ??= read();
  return kin.get(term) ?? [];
}

/** A line a term: the term and what is kindred to it. */
function read(): Map<string, readonly string[]> {
  const text = readFileSync(packageFile('assets/kindred-english.txt'), 'utf8');
  const found = new Map<string, readonly string[]>();
  for (const line of text.split('\n')) {
    const [term, ...others] = line.split(' ');
    if (term !== undefined && term !== '') found.set(term, others);
  }
  return found;
}
