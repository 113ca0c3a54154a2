import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { loadEnglishReader } from '../src/analysis/builtin/english.js';
import { ownWords } from '../src/analysis/builtin/own-words.js';
import { featuresOf } from '../src/analysis/builtin/scorer/features.js';
import { statementsOf } from '../src/analysis/builtin/statements.js';
import { command, needsNothing } from './command.js';
import { linesOf, scoreOf, train } from './logistic-regression.js';

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
interface Sentence {
  readonly text: string;
  readonly keep: boolean;
  readonly features: readonly string[];
}

const reader = await loadEnglishReader();
const examples = readdirSync(folder)
  .filter((name) => name.endsWith('.txt'))
  .sort()
  .flatMap((name) => readFileSync(new URL(name, folder), 'utf8').split('\n').flatMap(exampleOf));

function exampleOf(line: string): Sentence[] {
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

/** There are more examples of trivial statements than of others, so both classes get the same total weight. */
function trained(sample: readonly Sentence[]): Map<string, number> {
  const keeps = sample.filter(({ keep }) => keep).length;
  const keepShare = (sample.length - keeps) / keeps;
  return train(
    sample.map(({ features, keep }) => ({ features, isSought: keep, weight: keep ? keepShare : 1 })),
  );
}

const folds = 5;
const judged = Array.from({ length: folds }, (_, fold) => {
  const weights = trained(examples.filter((_example, i) => i % folds !== fold));
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

const lines = linesOf(trained(examples));
writeFileSync(
  target,
  `/** Made by "npm run train:scorer" from ${examples.length} labelled statements; weights in hundredths. */\nexport const weights = \`\n${lines.join('\n')}\n\`;\n`,
);
console.log(`${lines.length} weights, ${Math.round(lines.join('\n').length / 1024)} KB`);
