import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { loadEnglishReader } from '../src/analysis/builtin/english.js';
import { ownWords } from '../src/analysis/builtin/own-words.js';
import { featuresOf } from '../src/analysis/builtin/scorer/features.js';
import { statementsOf } from '../src/analysis/builtin/statements.js';
import { command, needsNothing } from './command.js';

const { verbose } = command({
  call: 'npm run train:scorer --',
  about:
    'Trains the scorer of the built-in analyser from scripts/scorer-sentences/*.txt, where a line that begins with "+" is worth keeping and one with "-" is not. Prints the result of a five-fold cross-validation, then writes src/analysis/builtin/scorer/weights.ts.',
  time: 'half a minute.',
  needs: needsNothing,
})
  .option('-v, --verbose', 'also print the sentences that cross-validation judged wrong', false)
  .parse()
  .opts<{ verbose: boolean }>();

const folder = new URL('scorer-sentences/', import.meta.url);
const target = new URL('../src/analysis/builtin/scorer/weights.ts', import.meta.url);
const rounds = 30;
const rate = 0.1;
const decay = 0.015;
/** A feature that only one sentence has says nothing about others. */
const seenMin = 2;

interface Example {
  readonly text: string;
  readonly keep: boolean;
  readonly features: readonly string[];
}

const reader = await loadEnglishReader();
const examples = readdirSync(folder)
  .filter((name) => name.endsWith('.txt'))
  .sort()
  .flatMap((name) => readFileSync(new URL(name, folder), 'utf8').split('\n').flatMap(exampleOf));

function exampleOf(line: string): Example[] {
  const sign = line[0];
  if (sign !== '+' && sign !== '-') return [];
  const text = line.slice(1).trim();
  const own = ownWords(text);
  if ('refused' in own) return [];
  // A line that is kept may have several statements, of which only the first counts. A line that is not kept counts with all.
  const all = statementsOf(own, text, reader, () => undefined);
  const taught = sign === '+' ? all.slice(0, 1) : all;
  return taught.map((statement) => ({ text, keep: sign === '+', features: [...featuresOf(statement)] }));
}

function train(sample: readonly Example[]): Map<string, number> {
  // There are more examples of trivial statements than of others, so both classes get the same total weight.
  const keeps = sample.filter(({ keep }) => keep).length;
  const keepShare = (sample.length - keeps) / keeps;
  const seen = new Map<string, number>();
  for (const { features } of sample) for (const f of features) seen.set(f, (seen.get(f) ?? 0) + 1);
  const weights = new Map<string, number>();
  const order = [...sample];
  let state = 12345;
  for (let round = 0; round < rounds; round++) {
    // The shuffle is the same in every run.
    for (let i = order.length - 1; i > 0; i--) {
      state = (state * 1103515245 + 12345) % 2147483648;
      const j = state % (i + 1);
      const [a, b] = [order[i], order[j]];
      if (a !== undefined && b !== undefined) [order[i], order[j]] = [b, a];
    }
    const step = rate / (1 + round / 10);
    for (const { features, keep } of order) {
      const known = features.filter((f) => (seen.get(f) ?? 0) >= seenMin);
      const error = ((keep ? 1 : 0) - scoreOf(weights, known)) * (keep ? keepShare : 1);
      for (const f of known) {
        const w = weights.get(f) ?? 0;
        weights.set(f, w + step * (error - decay * w * 10));
      }
    }
  }
  return weights;
}

function scoreOf(weights: ReadonlyMap<string, number>, features: readonly string[]): number {
  return 1 / (1 + Math.exp(-features.reduce((sum, f) => sum + (weights.get(f) ?? 0), 0)));
}

const folds = 5;
const judged = Array.from({ length: folds }, (_, fold) => {
  const weights = train(examples.filter((_example, i) => i % folds !== fold));
  return examples
    .filter((_example, i) => i % folds === fold)
    .map((example) => ({ ...example, score: scoreOf(weights, example.features) }));
}).flat();
const worthIt = judged.filter(({ keep }) => keep);
const notWorthIt = judged.filter(({ keep }) => !keep);
console.log(
  '| threshold | worth keeping, kept (recall) | not worth it, kept | precision at one to one |\n|---|---|---|---|',
);
for (const threshold of [0.3, 0.4, 0.5, 0.55, 0.6, 0.7, 0.75, 0.8, 0.82, 0.9, 0.95, 0.97]) {
  const shareOf = (some: typeof judged) =>
    some.filter(({ score }) => score >= threshold).length / some.length;
  const [recall, wrong] = [shareOf(worthIt), shareOf(notWorthIt)];
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  console.log(
    `| ${threshold} | ${percent(recall)} | ${percent(wrong)} | ${percent(recall / (recall + wrong))} |`,
  );
}
if (verbose)
  for (const { keep, score, text } of judged)
    if (keep !== score >= 0.5) console.log(keep ? 'not kept:' : 'kept:    ', text);

const lines = [...train(examples)]
  .map(([feature, weight]) => [feature.replace(/[`\\$]/g, ''), Math.round(weight * 100)] as const)
  .filter(([, weight]) => Math.abs(weight) >= 4)
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([feature, weight]) => `${feature}=${weight}`);
writeFileSync(
  target,
  `/** Made by "npm run train:scorer" from ${examples.length} labelled statements; weights in hundredths. */\nexport const weights = \`\n${lines.join('\n')}\n\`;\n`,
);
console.log(`${lines.length} weights, ${Math.round(lines.join('\n').length / 1024)} KB`);
