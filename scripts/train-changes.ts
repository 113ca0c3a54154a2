import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import {
  isRelated,
  likenessFeatures,
  pairFeatures,
  type Said,
  saidIn,
} from '../src/analysis/builtin/changes/pair-features.js';
import { loadEnglishReader } from '../src/analysis/builtin/english.js';
import { ownWords } from '../src/analysis/builtin/own-words.js';
import { formOf, statementsOf } from '../src/analysis/builtin/statements.js';
import { type Told, toldOf } from '../src/analysis/builtin/told.js';
import { dot } from '../src/lib/math/vectors.js';
import { SentenceVectors } from '../src/lib/meaning/sentence-vectors.js';
import { command, needsNothing } from './command.js';
import { type Example, linesOf, scoreOf, train } from './logistic-regression.js';

command({
  call: 'npm run train:changes --',
  about:
    'Trains the scorer of changes from scripts/change-pairs/*.json: a message, a later one, and whether the first no longer holds after it. Every file is by an author of its own. Prints what a scorer trained on the other files does with each file, then writes src/analysis/builtin/changes/pair-weights.ts.',
  time: 'ten minutes.',
  needs: needsNothing,
}).parse();

const folder = new URL('change-pairs/', import.meta.url);
const target = new URL('../src/analysis/builtin/changes/pair-weights.ts', import.meta.url);
/** Their plain statements are those of a person of whom nothing changes. */
const lists = new URL('../bench/knowledge/', import.meta.url);
const livesSchema = z.object({ say: z.array(z.tuple([z.string(), z.string()])) });
const talk = new URL('scorer-sentences/', import.meta.url);
const pairsSchema = z.array(z.tuple([z.string(), z.string(), z.boolean()]));
/** Each sentence is also compared with up to this many other facts that it may be about. */
const othersMax = 12;
/** How much a sentence of talk counts that is compared with a fact. */
const talkWeight = 0.4;
const options = { rounds: 20, decay: 0.02, seenMin: 6 };
/** Smaller weights, in hundredths, change no result. */
const leastWeight = 10;
/** In the test, so many other facts are known. */
const otherFacts = 40;

interface Pair {
  readonly before: string;
  readonly told: Told;
  readonly sentences: readonly Said[];
  readonly isEnd: boolean;
}

const reader = await loadEnglishReader();
const vectors = new SentenceVectors();
let state = 4711;

/** The same ones at every run. */
function drawnFrom<T>(all: readonly T[], count: number): T[] {
  return Array.from({ length: count }, () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return all[Math.floor((state / 2147483648) * all.length)];
  }).filter((one) => one !== undefined);
}

function pairOf([before, after, isEnd]: readonly [string, string, boolean]): Pair {
  const tokens = reader.read(before).flatMap((sentence) => sentence.tokens);
  return { before, told: toldOf(formOf(tokens)), sentences: sentencesOf(after), isEnd };
}

function sentencesOf(text: string): Said[] {
  const own = ownWords(text);
  if ('refused' in own) return [];
  const statements = statementsOf(own, text, reader, () => undefined);
  return [...new Set(statements.map(({ sentence }) => sentence))].map((sentence) =>
    saidIn(
      sentence.text,
      reader.read(sentence.text).flatMap((read) => read.tokens),
      statements.filter((one) => one.sentence === sentence).map((one) => toldOf(one, one.core)),
    ),
  );
}

function featuresIn(said: Said, { told, before }: Pair): string[] {
  const likeness = dot(vectors.vectorOf(before), vectors.vectorOf(said.text));
  return [...pairFeatures(said, told), ...likenessFeatures(likeness)];
}

/** The sentences of each pair against its own first message, and against others that they may be about. */
function examplesOf(pairs: readonly Pair[]): Example[] {
  return pairs.flatMap((pair) =>
    pair.sentences.flatMap((said) => {
      const others = pairs.filter((other) => other.before !== pair.before && isRelated(said, other.told));
      const drawnOthers = others.length > othersMax ? drawnFrom(others, othersMax) : others;
      return [
        ...(isRelated(said, pair.told) ? [pair] : []).map((own) => exampleOf(said, own, pair.isEnd)),
        ...drawnOthers.map((other) => exampleOf(said, other, false)),
      ];
    }),
  );
}

/** Sentences that end none of the facts. */
function examplesOfTalk(sentences: readonly string[], facts: readonly Pair[]): Example[] {
  return sentences.flatMap((text) =>
    sentencesOf(text).flatMap((said) => {
      const related = facts.filter((fact) => fact.before !== text && isRelated(said, fact.told));
      const some = related.length > othersMax ? drawnFrom(related, othersMax) : related;
      return some.map((fact) => exampleOf(said, fact, false, talkWeight));
    }),
  );
}

/** The statements of one person of whom nothing changes. */
function examplesOfLife(messages: readonly string[]): Example[] {
  const facts = messages.map((message) => pairOf([message, message, false]));
  return facts.flatMap((later) =>
    later.sentences.flatMap((said) =>
      facts
        .filter((fact) => fact !== later && isRelated(said, fact.told))
        .map((fact) => exampleOf(said, fact, false)),
    ),
  );
}

function exampleOf(said: Said, before: Pair, isSought: boolean, weight = 1): Example {
  return { features: featuresIn(said, before), isSought, weight };
}

const files = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .sort();
const pairsByFile = new Map(
  files.map((name) => {
    const pairs = pairsSchema.parse(JSON.parse(readFileSync(new URL(name, folder), 'utf8')));
    return [name, pairs.map(pairOf)] as const;
  }),
);
const examplesByFile = new Map([...pairsByFile].map(([name, pairs]) => [name, examplesOf(pairs)] as const));

/** What is not worth keeping ends nothing that is. */
const sentences = readdirSync(talk)
  .filter((name) => name.endsWith('.txt'))
  .sort()
  .flatMap((name) => readFileSync(new URL(name, talk), 'utf8').split('\n'))
  .filter((line) => /^[+-]/.test(line));
const signed = (sign: string) =>
  sentences.filter((line) => line.startsWith(sign)).map((line) => line.slice(1).trim());
const ofTalk = examplesOfTalk(
  signed('-'),
  signed('+').map((text) => pairOf([text, '', false])),
);

const lives = readdirSync(lists)
  .filter((name) => /^blind-[1-9]\.json$/.test(name))
  .map((name) => livesSchema.parse(JSON.parse(readFileSync(new URL(name, lists), 'utf8'))).say)
  .flatMap((said) => examplesOfLife(said.map(([message]) => message)));
const negatives = [...ofTalk, ...lives];

const thresholds = [0.5, 0.6, 0.7, 0.8, 0.9];
const counts = thresholds.map(() => ({ right: 0, other: 0, wrong: 0, strange: 0 }));
let [ends, stays] = [0, 0];
for (const [name, pairs] of pairsByFile) {
  const weights = train(
    [...[...examplesByFile].filter(([other]) => other !== name).flatMap(([, some]) => some), ...negatives],
    options,
  );
  const chance = (before: Pair, after: Pair) =>
    Math.max(
      0,
      ...after.sentences
        .filter((said) => isRelated(said, before.told))
        .map((said) => scoreOf(weights, featuresIn(said, before))),
    );
  const aucs: [number, boolean][] = [];
  for (const pair of pairs) {
    const own = chance(pair, pair);
    aucs.push([own, pair.isEnd]);
    const other = Math.max(
      0,
      ...drawnFrom(pairs, otherFacts)
        .filter((one) => one.before !== pair.before)
        .map((one) => chance(one, pair)),
    );
    if (pair.isEnd) ends += 1;
    else stays += 1;
    thresholds.forEach((least, i) => {
      const count = counts[i];
      if (count === undefined) return;
      if (pair.isEnd && own >= least && own >= other) count.right += 1;
      if (pair.isEnd && other >= least && other > own) count.other += 1;
      if (!pair.isEnd && own >= least && own >= other) count.wrong += 1;
      if (!pair.isEnd && other >= least && other > own) count.strange += 1;
    });
  }
  const good = aucs.filter(([, isEnd]) => isEnd);
  const bad = aucs.filter(([, isEnd]) => !isEnd);
  let above = 0;
  for (const [a] of good) for (const [b] of bad) above += a > b ? 1 : a === b ? 0.5 : 0;
  console.log(`${name}: area under the curve ${(above / good.length / bad.length).toFixed(3)}`);
}
console.log(
  `\nWith ${otherFacts} other facts known:\n| chance | ended fact found | another one ended | ended although it stays | another one ended |\n|---|---|---|---|---|`,
);
const percent = (some: number, of: number) => `${((100 * some) / of).toFixed(1)} %`;
counts.forEach(({ right, other, wrong, strange }, i) => {
  console.log(
    `| ${thresholds[i]} | ${percent(right, ends)} | ${percent(other, ends)} | ${percent(wrong, stays)} | ${percent(strange, stays)} |`,
  );
});

const examples = [...[...examplesByFile.values()].flat(), ...negatives];
const lines = linesOf(train(examples, options), leastWeight);
writeFileSync(
  target,
  `/** Made by "npm run train:changes" from ${ends + stays} pairs of messages; weights in hundredths. */\nexport const weights = \`\n${lines.join('\n')}\n\`;\n`,
);
console.log(`${lines.length} weights, ${Math.round(lines.join('\n').length / 1024)} KB`);
