import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import {
  likenessFeatures,
  pairFeatures,
  type Relation,
  relationsTo,
  type Said,
  saidIn,
} from '../src/analysis/builtin/changes/pair-features.js';
import { loadEnglishReader } from '../src/analysis/builtin/english.js';
import { toldOfText } from '../src/analysis/builtin/known-facts.js';
import { ownWords } from '../src/analysis/builtin/own-words.js';
import { statementsOf, tokensOf } from '../src/analysis/builtin/statements.js';
import { type Told, toldOf } from '../src/analysis/builtin/told.js';
import { dot } from '../src/lib/math/vectors.js';
import { SentenceVectors } from '../src/lib/meaning/sentence-vectors.js';
import { command, needsNothing } from './command.js';
import { type Example, linesOf, scoreOf, train } from './logistic-regression.js';
import { seeded, seededMax } from './seeded.js';

const { check } = command({
  call: 'npm run train:changes --',
  about:
    'Trains the scorer of changes from scripts/change-lives/*.json: messages of one person each, and which later one ends which earlier one. Every file is by an author of its own. Prints what a scorer trained on the other files does with each file, then writes src/analysis/builtin/changes/pair-weights.ts.',
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
const options = { rate: 0.1, rounds: 20, penalty: 4, seenMin: 6 };
const thresholds = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

/** A message as its sentences: each may end facts, and is a fact itself. */
interface Message {
  readonly text: string;
  readonly sentences: readonly Said[];
  readonly facts: readonly Stated[];
}

interface Stated {
  readonly text: string;
  readonly told: Told;
}

/** An example with the two messages that it is about. */
interface OfLife extends Example {
  readonly pair: string;
}

/** Each sentence is compared with those of this many facts of other lives that it may be about. */
const strangersTried = 40;

const reader = await loadEnglishReader();
const model = new SentenceVectors();
const vectors = new Map<string, Float32Array>();

const next = seeded(4711);

/** The same ones at every run. */
function drawn<T>(all: readonly T[], count: number): T[] {
  return Array.from({ length: count }, () => all[Math.floor((next() / seededMax) * all.length)]).filter(
    (one) => one !== undefined,
  );
}

function vectorOf(text: string): Float32Array {
  const vector = vectors.get(text) ?? model.vectorOf(text);
  vectors.set(text, vector);
  return vector;
}

function messageOf(text: string): Message {
  const sentences = sentencesOf(text);
  return {
    text,
    sentences,
    facts: sentences.length === 0 ? [statedIn(text)] : sentences.map((one) => statedIn(one.text)),
  };
}

function statedIn(text: string): Stated {
  return { text, told: toldOfText(text, reader) };
}

function sentencesOf(text: string): Said[] {
  const own = ownWords(text);
  if ('refused' in own) return [];
  const statements = statementsOf(own, text, reader, () => undefined);
  const sentences = new Set(statements.map(({ sentence }) => sentence));
  return [...sentences].map((sentence) =>
    saidIn(
      sentence.text,
      tokensOf(sentence.text, reader),
      statements.filter((one) => one.sentence === sentence).map((one) => toldOf(one, one.core)),
      sentences.size,
    ),
  );
}

function featuresOf(said: Said, { told, text }: Stated, relation: Relation): string[] {
  return [...pairFeatures(said, told, relation), ...likenessFeatures(likeness(said, text))];
}

function likeness(said: Said, text: string): number {
  return dot(vectorOf(text), vectorOf(said.text));
}

/** What is not worth keeping ends nothing that is. */
function examplesOfTalk(): Example[] {
  const lines = readdirSync(talk)
    .filter((name) => name.endsWith('.txt'))
    .sort()
    .flatMap((name) => readFileSync(new URL(name, talk), 'utf8').split('\n'));
  const signed = (sign: string) =>
    lines.filter((line) => line.startsWith(sign)).map((line) => line.slice(1).trim());
  const facts = signed('+').map(statedIn);
  return signed('-').flatMap((text, i) =>
    sentencesOf(text).flatMap((alone) => {
      const said = { ...alone, sentences: 1 + (i % 3) };
      const about = relationsTo(
        said,
        facts.filter((fact) => fact.text !== text),
      );
      return (about.length > factsMax ? drawn(about, factsMax) : about).map((one) => negativeOf(said, one));
    }),
  );
}

function negativeOf(said: Said, { fact, relation }: { fact: Stated; relation: Relation }): Example {
  return { features: featuresOf(said, fact, relation), isSought: false, weight: talkWeight };
}

/**
 * Each sentence against the sentences of the earlier messages of its life that have not ended. If one message ends another,
 * the two sentences that are most alike tell of the end, and what the other sentences of both tell is not known.
 */
function examplesOfLife(
  messages: readonly Message[],
  ends: readonly (readonly [number, number])[],
): OfLife[] {
  const ended = new Set<number>();
  return messages.flatMap((later, i) => {
    const now = new Set(ends.flatMap(([by, before]) => (by === i ? [before] : [])));
    const earlier = messages
      .slice(0, i)
      .flatMap(({ facts }, of) => (ended.has(of) ? [] : facts.map((fact) => ({ ...fact, of }))));
    const pairs = later.sentences.flatMap((said) =>
      relationsTo(said, earlier).map(({ fact, relation }) => ({
        of: fact.of,
        features: featuresOf(said, fact, relation),
        likeness: likeness(said, fact.text),
      })),
    );
    for (const j of now) ended.add(j);
    return messages.slice(0, i).flatMap((before, j) => {
      const ofBoth = pairs.filter(({ of }) => of === j).sort((a, b) => b.likeness - a.likeness);
      const isSought = now.has(j);
      const pair = `${before.text}\n${later.text}`;
      return ofBoth
        .slice(0, isSought ? 1 : ofBoth.length)
        .map(({ features }) => ({ features, isSought, weight: 1, pair }));
    });
  });
}

/** Sentences against facts of other lives, without a sign of an end: another person's dog ends nothing about mine. */
function examplesOfStrangers(lives: readonly (readonly Message[])[]): Example[] {
  const facts = lives.flatMap((life) =>
    life.flatMap((message) => message.facts.map((fact) => ({ ...fact, life }))),
  );
  return lives.flatMap((life) =>
    life.flatMap(({ sentences }) =>
      sentences.flatMap((said) => {
        const strangers = drawn(facts, strangersTried).filter((other) => other.life !== life);
        return relationsTo(said, strangers)
          .filter(({ relation }) => relation.signs.size === 0)
          .map((one) => negativeOf(said, one));
      }),
    ),
  );
}

/** What a scorer trained without the author does with the author's lives, at each threshold. */
function checked(own: readonly OfLife[], rest: readonly Example[]): { right: number; wrong: number }[] {
  const trained = train(rest, options);
  const chances = new Map<string, { chance: number; isSought: boolean }>();
  for (const { pair, isSought, ...example } of own) {
    const chance = Math.max(scoreOf(trained, example), chances.get(pair)?.chance ?? 0);
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
    const told = all.map(({ said }) => said.map((text) => messageOf(text)));
    return {
      all,
      examples: all.flatMap(({ ends }, i) => examplesOfLife(told[i] ?? [], ends)),
      strangers: examplesOfStrangers(told),
    };
  });
const ends = lives.flatMap(({ all }) => all.flatMap((life) => life.ends)).length;
const messages = lives.flatMap(({ all }) => all.flatMap(({ said }) => said)).length;
const listed = readdirSync(lists)
  .filter((name) => /^blind-[1-9]\.json$/.test(name))
  .flatMap((name) => {
    const { say } = listSchema.parse(JSON.parse(readFileSync(new URL(name, lists), 'utf8')));
    return examplesOfLife(
      say.map(([text]) => messageOf(text)),
      [],
    );
  });
const others: readonly Example[] = [...examplesOfTalk(), ...listed];

if (check) {
  const counts = lives.map((author) =>
    checked(author.examples, [
      ...lives
        .filter((other) => other !== author)
        .flatMap(({ examples, strangers }) => [...examples, ...strangers]),
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

const lines = linesOf(
  train([...lives.flatMap(({ examples, strangers }) => [...examples, ...strangers]), ...others], options)
    .weights,
);
writeFileSync(
  target,
  `/** Made by "npm run train:changes" from ${messages} messages with ${ends} ends; weights in hundredths. */\nexport const weights = \`\n${lines.join('\n')}\n\`;\n`,
);
console.log(`${lines.length} weights, ${Math.round(lines.join('\n').length / 1024)} KB`);
