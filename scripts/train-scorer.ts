import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { loadEnglishReader } from '../src/analysis/builtin/english.js';
import { ownWords } from '../src/analysis/builtin/own-words.js';
import { phraseText } from '../src/analysis/builtin/phrases.js';
import { piecesIn } from '../src/analysis/builtin/pieces.js';
import { featuresOf } from '../src/analysis/builtin/scorer/features.js';
import { statementsOf } from '../src/analysis/builtin/statements.js';
import { command, needsNothing } from './command.js';
import { type Example, linesOf, scoreOf, train } from './logistic-regression.js';
import { sourceOf, vectorOfPieces, weightsOfPieces } from './piece-vectors.js';
import { readTalks } from './talks.js';

const { check, verbose } = command({
  call: 'npm run train:scorer --',
  about:
    'Trains the scorer of the built-in analyser from scripts/scorer-sentences/*.txt, where a line that begins with "+" is worth keeping and one with "-" is not, and from the judged statements in scripts/talks. Prints what a scorer trained without the talks of an author does with them, then writes src/analysis/builtin/scorer/weights.ts and piece-weights.ts.',
  time: 'a minute; ten seconds without the check.',
  needs: needsNothing,
})
  .option('--no-check', 'do not train without each file in turn')
  .option('-v, --verbose', 'also print the statements that were judged wrong', false)
  .parse()
  .opts<{ check: boolean; verbose: boolean }>();

const sentences = new URL('scorer-sentences/', import.meta.url);
const target = new URL('../src/analysis/builtin/scorer/', import.meta.url);
const options = { rate: 0.03, rounds: 30, penalty: 1.5, seenMin: 4 };
/** How fast the weights of word pieces grow in comparison to those of features. */
const pieceScale = 2;
const thresholds = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95];

interface Labelled extends Example {
  readonly text: string;
  readonly vector: Float32Array;
}

const reader = await loadEnglishReader();
const told = [
  ...readdirSync(sentences)
    .filter((name) => name.endsWith('.txt'))
    .sort()
    .map((name) => new URL(name, sentences)),
  // Messages of the lives for the training of changes, judged by another person.
  new URL('change-lives/judged.txt', import.meta.url),
]
  .flatMap((file) => readFileSync(file, 'utf8').split('\n'))
  .flatMap((line) => (/^[+-]/.test(line) ? labelledIn(line.slice(1).trim(), line.startsWith('+')) : []))
  // The sentences are fewer than the statements in talk, and teach what is rare there.
  .map((one) => ({ ...one, weight: 3 }));
const talk = readTalks()
  .map(({ worth, trivial }) => [
    ...worth.flatMap((text) => labelledIn(text, true)),
    ...trivial.flatMap((text) => labelledIn(text, false)),
  ])
  .filter((own) => own.length > 0);

/** The statements in a text. One that is kept may have several, of which only the first counts. */
function labelledIn(text: string, isSought: boolean): Labelled[] {
  const own = ownWords(text);
  if ('refused' in own) return [];
  const all = statementsOf(own, text, reader, () => undefined);
  return (isSought ? all.slice(0, 1) : all).map((statement) => ({
    text,
    isSought,
    weight: 1,
    features: [...featuresOf(statement)],
    vector: vectorIn(phraseText(statement.tokens)),
  }));
}

function vectorIn(text: string): Float32Array {
  const pieces = piecesIn(text);
  return vectorOfPieces(pieces, pieceScale / Math.sqrt(Math.max(1, pieces.length)));
}

const percent = (some: number, of: number) => `${((100 * some) / Math.max(1, of)).toFixed(1)} %`;

if (check) {
  const judged = talk.flatMap((own) => {
    const trained = train([...told, ...talk.filter((other) => other !== own).flat()], options);
    return own.map((one) => ({ ...one, score: scoreOf(trained, one) }));
  });
  const worthIt = judged.filter(({ isSought }) => isSought).length;
  console.log(
    `${judged.length} statements in talk, ${worthIt} worth keeping; each author with a scorer trained without them:\n`,
  );
  console.log('| threshold | worth keeping, kept | kept, worth it |\n|---|---|---|');
  for (const threshold of thresholds) {
    const kept = judged.filter(({ score }) => score >= threshold);
    const right = kept.filter(({ isSought }) => isSought).length;
    console.log(`| ${threshold} | ${percent(right, worthIt)} | ${percent(right, kept.length)} |`);
  }
  if (verbose)
    for (const { isSought, score, text } of judged)
      if (isSought !== score >= 0.5)
        console.log(isSought ? 'not kept:' : 'kept:    ', score.toFixed(2), text);
}

const all = [...told, ...talk.flat()];
const { weights, direction } = train(all, options);
const lines = linesOf(weights);
writeFileSync(
  new URL('weights.ts', target),
  `/** Made by "npm run train:scorer" from ${all.length} labelled statements; weights in hundredths. */\nexport const weights = \`\n${lines.join('\n')}\n\`;\n`,
);
const pieces = weightsOfPieces(direction, pieceScale);
writeFileSync(
  new URL('piece-weights.ts', target),
  `/** Made by "npm run train:scorer": the weight of each word piece, a signed byte, in units. */\nexport const pieceWeights = ${sourceOf(pieces, '')};\n`,
);
console.log(
  `${lines.length} weights and those of word pieces, ${Math.round((lines.join('\n').length + pieces.table.length) / 1024)} KB`,
);
