import { expect, it } from 'vitest';
import { createBuiltinAnalyser } from '../../../../src/analysis/builtin/builtin-analyser.js';
import { makePage } from '../../../support/records.js';
import { positives, spokenAt, traps } from './fact-cases.js';

const analyser = createBuiltinAnalyser();
const recallMin = 0.95;

async function factsOf(says: string): Promise<string[]> {
  const page = makePage(says, { agent_response: '', timestamp: spokenAt });
  const { facts } = await analyser.readPages({ pages: [page], before: [], relatedFacts: [] });
  return facts.map(({ knowledge }) => knowledge);
}

it.each(traps)('makes no fact of: %s', async (says) => {
  expect(await factsOf(says)).toEqual([]);
});

it(`finds at least ${recallMin * 100} % of what is told, and nothing that was not told`, async () => {
  const missed: string[] = [];
  const invented: string[] = [];
  let wanted = 0;
  for (const { says, facts } of positives) {
    const found = await factsOf(says);
    for (const words of facts) {
      wanted += 1;
      const at = found.findIndex((fact) =>
        words.every((word) => fact.toLowerCase().includes(word.toLowerCase())),
      );
      if (at === -1) missed.push(`${says} (${words.join(' ')})`);
      else found.splice(at, 1);
    }
    invented.push(...found.map((fact) => `${says} -> ${fact}`));
  }
  expect(invented).toEqual([]);
  expect({ missed, recall: 1 - missed.length / wanted >= recallMin }).toMatchObject({ recall: true });
});
