import { expect, it } from 'vitest';
import { createBuiltinAnalyser } from '../../../../src/analysis/builtin/builtin-analyser.js';
import type { FactDraft } from '../../../../src/ports/analyser.js';
import { makePage } from '../../../support/records.js';
import { positives, spokenAt, toldWithLimits, traps } from './fact-cases.js';

const analyser = createBuiltinAnalyser();
const recallMin = 0.9;
const trapShareMax = 0.015;

async function draftsOf(says: string): Promise<readonly FactDraft[]> {
  const page = makePage(says, { agent_response: '', timestamp: spokenAt });
  const { facts } = await analyser.readPages({ pages: [page], before: [], relatedFacts: [] });
  return facts;
}

it(`makes no fact of ${100 - trapShareMax * 100} % of the statements that are not asserted`, async () => {
  const fallen: string[] = [];
  for (const says of traps) {
    const found = await draftsOf(says);
    if (found.length > 0) fallen.push(`${says} -> ${found.map(({ knowledge }) => knowledge).join(' | ')}`);
  }
  expect({ fallen, held: fallen.length <= traps.length * trapShareMax }).toMatchObject({ held: true });
});

const day = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
});

it(`finds at least ${recallMin * 100} % of the asserted statements`, async () => {
  const missed: string[] = [];
  let wanted = 0;
  for (const { says, facts } of positives) {
    const drafts = await draftsOf(says);
    // The time of an event is in its words or in its date.
    const found = drafts.map((fact) =>
      `${fact.knowledge} ${day.format(Date.parse(fact.timestamp))}`.toLowerCase(),
    );
    for (const words of facts) {
      wanted += 1;
      if (!found.some((text) => words.every((word) => text.includes(word.toLowerCase())))) {
        missed.push(`${says} (${words.join(' ')})`);
      }
    }
  }
  expect({ missed, recall: 1 - missed.length / wanted >= recallMin }).toMatchObject({ recall: true });
});

it.each(toldWithLimits)('keeps every restriction: $says', async ({ says, holds }) => {
  const found = await draftsOf(says);
  const all = found.map(({ knowledge }) => knowledge).join(' ');
  expect(found.length).toBeGreaterThan(0);
  for (const words of holds) expect(all).toContain(words);
});

it('stores with every fact its exact source words', async () => {
  for (const { says } of positives) {
    for (const { quote } of await draftsOf(says)) expect(says).toContain(quote);
  }
});

it.each([
  ["Sure! I'd recommend the ramen at Ichiran. It is open late.", ['recommended the ramen at Ichiran']],
  ['Good idea. I will remind you to call your dentist on Friday.', ['promised to remind the user']],
  [
    'Here are some books:\n- **Dune**\n- **Hyperion**\n- **Solaris**\nEnjoy!',
    ['recommended Dune, Hyperion and Solaris'],
  ],
])("stores the assistant's exact words with its fact: %s", async (answers, wanted) => {
  const page = makePage('What do you think?', { agent_response: answers, timestamp: spokenAt });
  const { facts } = await analyser.readPages({ pages: [page], before: [], relatedFacts: [] });
  expect(facts).toHaveLength(wanted.length);
  facts.forEach((fact, i) => {
    expect(fact.knowledge).toContain(wanted[i]);
    expect(fact.quote?.length).toBeGreaterThan(10);
    expect(answers).toContain(fact.quote);
  });
});
