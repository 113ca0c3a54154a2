import { writeFileSync } from 'node:fs';
import { answerPiecesMin } from '../src/analysis/builtin/company.js';
import { piecesIn } from '../src/analysis/builtin/pieces.js';
import { modelWidth } from '../src/lib/meaning/forward-pass.js';
import { command, needsNothing } from './command.js';
import { type Example, scoreOf, train } from './logistic-regression.js';
import { sourceOf, vectorOfPieces, weightsOfPieces } from './piece-vectors.js';
import { readTalks, type Talks } from './talks.js';

const { check } = command({
  call: 'npm run train:company --',
  about:
    'Trains what tells talk between people from talk with an assistant, from the conversations in scripts/talks. Prints how many single exchanges are judged right when their author was left out, then writes src/analysis/builtin/company-weights.ts.',
  time: 'a minute; seconds without the check.',
  needs: needsNothing,
})
  .option('--no-check', 'do not train without each file in turn')
  .parse()
  .opts<{ check: boolean }>();

const target = new URL('../src/analysis/builtin/company-weights.ts', import.meta.url);
const options = { rate: 0.003, rounds: 60, penalty: 3, seenMin: 1 };

const authors = readTalks().map(exchangesOf);

/** Every message as the user's, with the answer; of a talk with an assistant, those of the person. */
function exchangesOf({ talks, withAssistant }: Talks): Example[] {
  return talks.flatMap(({ messages }) =>
    messages.flatMap(([by, text], i) => {
      const answer = messages[i + 1];
      if (answer === undefined || (withAssistant && by === 'b')) return [];
      const vector = new Float32Array(2 * modelWidth);
      vector.set(vectorOfPieces(piecesIn(text), 1));
      const pieces = piecesIn(answer[1]);
      if (pieces.length >= answerPiecesMin) vector.set(vectorOfPieces(pieces, 1), modelWidth);
      return [{ features: ['bias'], isSought: !withAssistant, weight: 1, vector }];
    }),
  );
}

/** There is more talk between people than with an assistant, so both get the same total weight. */
function trained(examples: readonly Example[]) {
  const ofPeople = examples.filter(({ isSought }) => isSought).length;
  const share = (examples.length - ofPeople) / ofPeople;
  return train(
    examples.map((one) => ({ ...one, weight: one.isSought ? share : 1 })),
    options,
  );
}

if (check) {
  console.log('| author | exchanges | between | right, one exchange alone |\n|---|---|---|---|');
  for (const [i, own] of authors.entries()) {
    const model = trained(authors.filter((other) => other !== own).flat());
    const right = own.filter((one) => scoreOf(model, one) > 0.5 === one.isSought).length;
    const between = own[0]?.isSought === true ? 'people' : 'a person and an assistant';
    console.log(`| ${i + 1} | ${own.length} | ${between} | ${((100 * right) / own.length).toFixed(1)} % |`);
  }
}

const { weights, direction } = trained(authors.flat());
const bias = Number((weights.get('bias') ?? 0).toFixed(3));
const sideFrom = (from: number) =>
  sourceOf(weightsOfPieces(direction.slice(from, from + modelWidth), 1), '  ');
writeFileSync(
  target,
  `/** Made by "npm run train:company" from ${authors.flat().length} exchanges. */\nexport const companyWeights = {\n  bias: ${bias},\n  user: ${sideFrom(0)},\n  other: ${sideFrom(modelWidth)},\n};\n`,
);
