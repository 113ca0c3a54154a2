import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import {
  likenessFeatures,
  pairFeatures,
  relationTo,
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

const { check } = command({
  call: 'npm run train:changes --',
  about:
    'Trains the scorer of changes from scripts/change-lives/*.json: twelve messages of one person each, and which later one ends which earlier one. Every file is by an author of its own. Prints what a scorer trained on the other files does with each file, then writes src/analysis/builtin/changes/pair-weights.ts.',
  time: 'five minutes; one without the check.',
  needs: needsNothing,
})
  .option('--no-check', 'do not train without each file in turn')
  .parse()
  .opts<{ check: boolean }>();

const folder = new URL('change-lives/', import.meta.url);
const target = new URL('../src/analysis/builtin/changes/pair-weights.ts', import.meta.url);
/** Their plain statements are those of a person of whom nothing changes. */
const lists = new URL('../bench/knowledge/', import.meta.url);
const listSchema = z.object({ say: z.array(z.tuple([z.string(), z.string()])) });
const talk = new URL('scorer-sentences/', import.meta.url);
const livesSchema = z.array(
  z.object({ said: z.array(z.string()), ends: z.array(z.tuple([z.number(), z.number()])) }),
);
/** A sentence of talk is compared with up to this many facts that it may be about. */
const factsMax = 12;
/** How much a sentence of talk counts that is compared with a fact. */
const talkWeight = 0.4;
const options = { rounds: 20, decay: 0.02, seenMin: 6 };
/** Smaller weights, in hundredths, change no result. */
const leastWeight = 10;
const thresholds = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

interface Message {
  readonly text: string;
  readonly told: Told;
  readonly sentences: readonly Said[];
}

/** An example with the two messages that it is about. */
interface OfLife extends Example {
  readonly pair: string;
}

const reader = await loadEnglishReader();
const model = new SentenceVectors();
const vectors = new Map<string, Float32Array>();

function vectorOf(text: string): Float32Array {
  const vector = vectors.get(text) ?? model.vectorOf(text);
  vectors.set(text, vector);
  return vector;
}

function messageOf(text: string): Message {
  const told = toldOf(formOf(reader.read(text).flatMap(({ tokens }) => tokens)));
  return { text, told, sentences: sentencesOf(text) };
}

function sentencesOf(text: string): Said[] {
  const own = ownWords(text);
  if ('refused' in own) return [];
  const statements = statementsOf(own, text, reader, () => undefined);
  return [...new Set(statements.map(({ sentence }) => sentence))].map((sentence) =>
    saidIn(
      sentence.text,
      reader.read(sentence.text).flatMap(({ tokens }) => tokens),
      statements.filter((one) => one.sentence === sentence).map((one) => toldOf(one, one.core)),
    ),
  );
}

/** Null if the sentence cannot be about the message. */
function featuresOf(said: Said, { told, text }: Message): string[] | null {
  const relation = relationTo(said, told);
  if (relation === null) return null;
  const likeness = dot(vectorOf(text), vectorOf(said.text));
  return [...pairFeatures(said, told, relation), ...likenessFeatures(likeness)];
}

/** What is not worth keeping ends nothing that is. */
function examplesOfTalk(): Example[] {
  const lines = readdirSync(talk)
    .filter((name) => name.endsWith('.txt'))
    .sort()
    .flatMap((name) => readFileSync(new URL(name, talk), 'utf8').split('\n'));
  const signed = (sign: string) =>
    lines.filter((line) => line.startsWith(sign)).map((line) => line.slice(1).trim());
  const facts = signed('+').map(messageOf);
  let state = 4711;
  const drawn = <T>(all: readonly T[]): T[] =>
    Array.from({ length: factsMax }, () => {
      state = (state * 1103515245 + 12345) % 2147483648;
      return all[Math.floor((state / 2147483648) * all.length)];
    }).filter((one) => one !== undefined);
  return signed('-').flatMap((text) =>
    sentencesOf(text).flatMap((said) => {
      const about = facts.filter((fact) => fact.text !== text && relationTo(said, fact.told) !== null);
      return (about.length > factsMax ? drawn(about) : about).map((fact) => ({
        features: featuresOf(said, fact) ?? [],
        isSought: false,
        weight: talkWeight,
      }));
    }),
  );
}

/** Each sentence against the earlier messages of its life that have not ended. */
function examplesOfLife(said: readonly string[], ends: readonly (readonly [number, number])[]): OfLife[] {
  const messages = said.map(messageOf);
  const ended = new Set<number>();
  return messages.flatMap((later, i) => {
    const now = new Set(ends.flatMap(([by, before]) => (by === i ? [before] : [])));
    const found = later.sentences.flatMap((sentence) =>
      messages.slice(0, i).flatMap((before, j) => {
        const features = ended.has(j) ? null : featuresOf(sentence, before);
        if (features === null) return [];
        return [{ features, isSought: now.has(j), weight: 1, pair: `${before.text}\n${later.text}` }];
      }),
    );
    for (const j of now) ended.add(j);
    return found;
  });
}

/** What a scorer trained without the author does with the author's lives, at each threshold. */
function checked(own: readonly OfLife[], rest: readonly Example[]): { right: number; wrong: number }[] {
  const weights = train(rest, options);
  const chances = new Map<string, { chance: number; isSought: boolean }>();
  for (const { features, isSought, pair } of own) {
    const chance = Math.max(scoreOf(weights, features), chances.get(pair)?.chance ?? 0);
    chances.set(pair, { chance, isSought });
  }
  return thresholds.map((least) => {
    const found = [...chances.values()].filter(({ chance }) => chance >= least);
    const right = found.filter(({ isSought }) => isSought).length;
    return { right, wrong: found.length - right };
  });
}

const lives = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .sort()
  .map((name) => {
    const all = livesSchema.parse(JSON.parse(readFileSync(new URL(name, folder), 'utf8')));
    return { all, examples: all.flatMap(({ said, ends }) => examplesOfLife(said, ends)) };
  });
const ends = lives.flatMap(({ all }) => all.flatMap((life) => life.ends)).length;
const messages = lives.flatMap(({ all }) => all.flatMap(({ said }) => said)).length;
const listed = readdirSync(lists)
  .filter((name) => /^blind-[1-9]\.json$/.test(name))
  .flatMap((name) => {
    const { say } = listSchema.parse(JSON.parse(readFileSync(new URL(name, lists), 'utf8')));
    return examplesOfLife(
      say.map(([text]) => text),
      [],
    );
  });
const others: readonly Example[] = [...examplesOfTalk(), ...listed];

if (check) {
  const counts = lives.map((author) =>
    checked(author.examples, [
      ...lives.filter((other) => other !== author).flatMap(({ examples }) => examples),
      ...others,
    ]),
  );
  console.log(`${messages} messages, ${ends} ends; each author with a scorer trained without them:\n`);
  console.log('| chance | ends found | facts ended wrongly | right, of all that ended |\n|---|---|---|---|');
  const percent = (some: number, of: number) => `${((100 * some) / of).toFixed(1)} %`;
  for (const [i, least] of thresholds.entries()) {
    const sum = (of: 'right' | 'wrong') => counts.reduce((all, count) => all + (count[i]?.[of] ?? 0), 0);
    const [right, wrong] = [sum('right'), sum('wrong')];
    console.log(
      `| ${least} | ${right} (${percent(right, ends)}) | ${wrong} | ${percent(right, right + wrong)} |`,
    );
  }
}

const lines = linesOf(train([...lives.flatMap(({ examples }) => examples), ...others], options), leastWeight);
writeFileSync(
  target,
  `/** Made by "npm run train:changes" from ${messages} messages with ${ends} ends; weights in hundredths. */\nexport const weights = \`\n${lines.join('\n')}\n\`;\n`,
);
console.log(`${lines.length} weights, ${Math.round(lines.join('\n').length / 1024)} KB`);
