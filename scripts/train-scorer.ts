import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { loadEnglishReader } from '../src/analysis/builtin/english.js';
import { ownWords } from '../src/analysis/builtin/own-words.js';
import { phraseText } from '../src/analysis/builtin/phrases.js';
import { piecesIn } from '../src/analysis/builtin/pieces.js';
import { logOddsMin } from '../src/analysis/builtin/scorer/by-meaning.js';
import { featuresOf } from '../src/analysis/builtin/scorer/features.js';
import { statementsOf } from '../src/analysis/builtin/statements.js';
import { logistic } from '../src/lib/math/logistic.js';
import { SentenceVectors } from '../src/lib/meaning/sentence-vectors.js';
import { command, needsNothing } from './command.js';
import { type Example, linesOf, logOddsIn, scoreOf, type Trained, train } from './logistic-regression.js';
import { inBytes, sourceOf, vectorOfPieces, weightsOfPieces } from './piece-vectors.js';
import { readTalks } from './talks.js';

const { verbose } = command({
  call: 'npm run train:scorer --',
  about:
    'Trains the scorer of the built-in analyser from scripts/scorer-sentences/*.txt, where a line that begins with "+" is worth keeping and one with "-" is not, and from the judged statements in scripts/talks; then what judges statements by their meaning, too. Prints what both do with authors that they were not trained with, and writes weights.ts, piece-weights.ts and meaning-weights.ts in src/analysis/builtin/scorer.',
  time: 'three minutes.',
  needs: needsNothing,
})
  .option('-v, --verbose', 'also print the statements that were judged wrong', false)
  .parse()
  .opts<{ verbose: boolean }>();

const sentences = new URL('scorer-sentences/', import.meta.url);
const target = new URL('../src/analysis/builtin/scorer/', import.meta.url);
const options = { rate: 0.03, rounds: 30, penalty: 1.5, seenMin: 4 };
const meaningOptions = { rate: 0.003, rounds: 100, penalty: 10, seenMin: 1 };
/** As the factor of the numbers of a sentence vector, which are small. */
const meaningScale = 3;
/** The log-odds of 0.4. */
const uncertainMin = Math.log(0.4 / 0.6);
const folds = 5;
/**
 * A feature of the training alone: people tell each other less that is worth keeping than they tell an assistant. So
 * the scorer judges every statement as if it was told to an assistant.
 */
const amongPeople = 'among people';
/** How fast the weights of word pieces grow in comparison to those of features. */
const pieceScale = 2;
const thresholds = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95];

interface Labelled extends Example {
  readonly text: string;
  /** The statement in the text. */
  readonly phrase: string;
  readonly vector: Float32Array;
}

const reader = await loadEnglishReader();
const meanings = new SentenceVectors();
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
  .map(({ worth, trivial, withAssistant }) =>
    [
      ...worth.flatMap((text) => labelledIn(text, true)),
      ...trivial.flatMap((text) => labelledIn(text, false)),
    ].map((one) => (withAssistant ? one : { ...one, features: [...one.features, amongPeople] })),
  )
  .filter((own) => own.length > 0);

/** The statements in a text. One that is kept may have several, of which only the first counts. */
function labelledIn(text: string, isSought: boolean): Labelled[] {
  const own = ownWords(text);
  if ('refused' in own) return [];
  const all = statementsOf(own, text, reader, () => undefined);
  return (isSought ? all.slice(0, 1) : all).map((statement) => {
    const phrase = phraseText(statement.tokens);
    const features = [...featuresOf(statement)];
    return { text, phrase, isSought, weight: 1, features, vector: vectorIn(phrase) };
  });
}

function vectorIn(text: string): Float32Array {
  const pieces = piecesIn(text);
  return vectorOfPieces(pieces, pieceScale / Math.sqrt(Math.max(1, pieces.length)));
}

/** Each fifth of the authors, scored by a scorer that was trained without them. */
const judged = Array.from({ length: folds }, (_, fold) => {
  const others = talk.filter((_, i) => i % folds !== fold).flat();
  const trained = toldToAssistant(train([...told, ...others], options));
  const own = talk.filter((_, i) => i % folds === fold).flat();
  return own.map((one) => ({ ...one, logOdds: logOddsIn(trained, one) }));
});
const worthIt = judged.flat().filter(({ isSought }) => isSought).length;
console.log(
  `${judged.flat().length} statements in talk, ${worthIt} worth keeping; a fifth of the authors at a time, with a scorer trained without them:\n`,
);
printScores(judged.flat().map((one) => ({ ...one, score: logistic(one.logOdds) })));

/** Only these: with a low score, a statement is not stored whatever its meaning. */
const uncertain = judged.map((fold) =>
  fold
    .filter(({ logOdds }) => logOdds >= uncertainMin)
    .map((one) => ({ ...one, features: ['bias'], vector: meaningIn(one) })),
);
console.log(
  '\nThe same, judged also by their meaning (of those that have a score of at least 0.8 without it):\n',
);
printScores(
  uncertain.flatMap((own) => {
    const trained = train(uncertain.filter((other) => other !== own).flat(), meaningOptions);
    return own
      .filter(({ logOdds }) => logOdds >= logOddsMin)
      .map((one) => ({ ...one, score: scoreOf(trained, one) }));
  }),
);

const all = [...told, ...talk.flat()];
const { weights, direction } = toldToAssistant(train(all, options));
const byMeaning = train(uncertain.flat(), meaningOptions);
const lines = linesOf(weights);
const pieces = weightsOfPieces(direction, pieceScale);
const ofMeaning = inBytes(byMeaning.direction.slice(1).map((weight) => weight * meaningScale));
write(
  'weights',
  `/** Made by "npm run train:scorer" from ${all.length} labelled statements; weights in hundredths. */\nexport const weights = \`\n${lines.join('\n')}\n\`;\n`,
);
write(
  'piece-weights',
  `/** Made by "npm run train:scorer": the weight of each word piece, a signed byte, in units. */\nexport const pieceWeights = ${sourceOf(pieces, '')};\n`,
);
write(
  'meaning-weights',
  `/** Made by "npm run train:scorer" from ${uncertain.flat().length} statements; the table has a signed byte for each number of a sentence vector. */\nexport const meaningWeights = {\n  bias: ${Number((byMeaning.weights.get('bias') ?? 0).toFixed(3))},\n  ofScore: ${Number((byMeaning.direction[0] ?? 0).toFixed(3))},\n  ofVector: ${sourceOf(ofMeaning, '  ')},\n};\n`,
);
console.log(
  `\n${lines.length} weights, those of word pieces and of sentence vectors, ${Math.round((lines.join('\n').length + pieces.table.length + ofMeaning.table.length) / 1024)} KB`,
);

function toldToAssistant({ weights, direction }: Trained): Trained {
  return { weights: new Map([...weights].filter(([feature]) => feature !== amongPeople)), direction };
}

function write(name: string, text: string): void {
  writeFileSync(new URL(`${name}.ts`, target), text);
}

/** The score, and the vector of the sentence model. */
function meaningIn({ logOdds, phrase }: { logOdds: number; phrase: string }): Float32Array {
  return Float32Array.of(logOdds, ...meanings.vectorOf(phrase).map((number) => number * meaningScale));
}

function printScores(scored: readonly { isSought: boolean; score: number; text: string }[]): void {
  const percent = (some: number, of: number) => `${((100 * some) / Math.max(1, of)).toFixed(1)} %`;
  console.log('| threshold | worth keeping, kept | kept, worth it |\n|---|---|---|');
  for (const threshold of thresholds) {
    const kept = scored.filter(({ score }) => score >= threshold);
    const right = kept.filter(({ isSought }) => isSought).length;
    console.log(`| ${threshold} | ${percent(right, worthIt)} | ${percent(right, kept.length)} |`);
  }
  if (!verbose) return;
  for (const { isSought, score, text } of scored)
    if (isSought !== score >= 0.5) console.log(isSought ? 'not kept:' : 'kept:    ', score.toFixed(2), text);
}
