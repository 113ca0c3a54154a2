import type { SentenceForm } from '../statements.js';
import { featuresOf } from './features.js';
import { weights } from './weights.js';

let table: ReadonlyMap<string, number> | undefined;

/**
 * The probability, from 0 to 1, that a statement is worth storing. It is a logistic regression over the
 * features of the statement.
 */
export function worthOf(statement: SentenceForm): number {
  table ??= tableOf(weights);
  let sum = 0;
  for (const feature of featuresOf(statement)) sum += table.get(feature) ?? 0;
  return 1 / (1 + Math.exp(-sum));
}

/** Parses "feature=weight" lines; weights are in hundredths. */
export function tableOf(lines: string): Map<string, number> {
  return new Map(
    lines.split('\n').flatMap((line): [string, number][] => {
      const at = line.lastIndexOf('=');
      return at < 1 ? [] : [[line.slice(0, at), Number(line.slice(at + 1)) / 100]];
    }),
  );
}
