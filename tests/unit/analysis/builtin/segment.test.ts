import { describe, expect, it } from 'vitest';
import { createBuiltinAnalyser } from '../../../../src/analysis/builtin/builtin-analyser.js';
import type { Fact } from '../../../../src/model/knowledge.js';
import type { Page } from '../../../../src/model/page.js';
import type { Trait } from '../../../../src/model/profile.js';
import type { SegmentAnalysis } from '../../../../src/ports/analyser.js';
import { makeFact, makeHead, makePage, someAssistant } from '../../../support/records.js';

const analyser = createBuiltinAnalyser();
const firstDay = Date.parse('2024-03-04T09:00:00.000Z');

function day(n: number, user_input: string, agent_response = ''): Page {
  return makePage(user_input, {
    user_input,
    agent_response,
    timestamp: new Date(firstDay + n * 86_400_000).toISOString(),
  });
}

async function analyse(
  pages: readonly Page[],
  relatedFacts: readonly Fact[] = [],
  profile: readonly Trait[] = [],
): Promise<SegmentAnalysis> {
  const { traits } = await analyser.analyseSegment({ head: makeHead('talk'), pages, profile, relatedFacts });
  const [first, ...others] = pages;
  if (first === undefined) throw new Error('no pages');
  return { ...(await analyser.readPages({ pages: [first, ...others], before: [], relatedFacts })), traits };
}

describe('facts', () => {
  it('carry the time of the event, the absolute date, and the page', async () => {
    const page = day(0, 'Last Friday I moved to Porto.');
    const { facts } = await analyse([page]);
    expect(facts).toEqual([
      {
        assistant_id: null,
        knowledge: 'On 1 March 2024 the user moved to Porto.',
        timestamp: '2024-03-01T00:00:00.000Z',
        page_id: page.id,
        told_at: page.timestamp,
        quote: 'Last Friday I moved to Porto.',
        ends: [],
        slot: 'home',
        project: null,
        is_of_project: false,
        change: 'new',
        fact_id: null,
      },
    ]);
  });

  it('supersede a known fact of the same slot, and confirm one with the same content', async () => {
    const known = makeFact('The user lives in Munich.', [day(0, 'x').id], {
      slot: 'home',
      told_at: day(0, 'x').timestamp,
    });
    const moved = await analyse([day(3, 'I moved to Berlin.')], [known]);
    expect(moved.facts).toMatchObject([{ change: 'new', ends: [known.id], slot: 'home' }]);
    const same = await analyse([day(3, 'I live in Munich.')], [known]);
    expect(same.facts).toMatchObject([{ change: 'confirms', fact_id: known.id }]);
  });

  it('of two contradicting pages are current for the later page, in any order', async () => {
    const earlier = day(0, 'I love coffee.');
    const later = day(5, "I don't like coffee anymore.");
    for (const pages of [
      [earlier, later],
      [later, earlier],
    ]) {
      const { facts } = await analyse(pages);
      expect(facts.map(({ knowledge, ends, slot }) => ({ knowledge, ends, slot }))).toEqual([
        { knowledge: 'The user loves coffee.', ends: [], slot: 'preference:coffe' },
        { knowledge: 'The user does not like coffee anymore.', ends: [0], slot: 'preference:coffe' },
      ]);
    }
  });

  it('said before a known fact that contradicts them are outdated', async () => {
    const known = makeFact('The user moved to Berlin.', [day(9, 'x').id], {
      slot: 'home',
      told_at: day(9, 'x').timestamp,
    });
    const { facts } = await analyse([day(2, 'I live in Munich.'), day(3, 'I live in Munich.')], [known]);
    expect(facts).toMatchObject([
      { knowledge: 'The user lives in Munich.', change: 'outdated', fact_id: known.id },
    ]);
  });

  it('stated twice are stored once', async () => {
    const { facts, rejected } = await analyse([day(0, 'I live in Munich.'), day(1, 'I live in Munich.')]);
    expect(facts).toHaveLength(1);
    expect(rejected).toMatchObject({ repeated: 1 });
  });

  it('are not extracted during a role-play, and are again afterwards', async () => {
    const { facts, rejected } = await analyse([
      day(0, "Let's role-play: you are a dragon and I am a knight."),
      day(0, 'I live in a castle in Camelot and I have a horse named Shadow.'),
      day(0, 'Stop the role-play please.'),
      day(0, 'I live in Cologne.'),
    ]);
    expect(facts.map(({ knowledge }) => knowledge)).toEqual(['The user lives in Cologne.']);
    expect(rejected['role-play']).toBe(3);
  });

  it.each([
    'Can you write me a limerick about ducks?',
    'Tell me a joke about a dentist.',
    'Act as a Linux terminal.',
    'Pretend you are a pirate.',
    'Imagine you are on the moon. What do you see?',
  ])('are extracted after a page that asks for fiction: %s', async (request) => {
    const { facts, rejected } = await analyse([day(0, request), day(0, 'I live in Cologne.')]);
    expect(facts.map(({ knowledge }) => knowledge)).toEqual(['The user lives in Cologne.']);
    expect(rejected).toMatchObject({ fiction: 1 });
  });

  it('report why sentences were refused', async () => {
    const { rejected } = await analyse([
      day(0, 'Do I live in Rome?'),
      day(0, 'If I lived in Rome, I would walk more.'),
      day(0, 'He said I live in Rome.'),
      day(0, 'She wrote "I live in Rome and you do not." to me.'),
    ]);
    expect(rejected).toMatchObject({ question: 1, hypothetical: 1, reported: 1, quotation: 1 });
  });

  it('are not extracted from languages without an analyser', async () => {
    const { facts, traits, rejected } = await analyse([
      day(0, '我住在北京，我有一只叫小白的狗。', '好的。'),
      day(0, 'أعيش في القاهرة ولدي قطة اسمها لولو.', 'حسنا.'),
      day(0, 'Ich wohne in Hamburg und habe einen Hund namens Rex.', 'Schön.'),
      day(0, 'I bambini amano il gelato, my friend dice di no.', 'Va bene.'),
      day(0, 'Vivo en Lima y tengo dos gatos.', 'Vale.'),
    ]);
    expect(facts).toEqual([]);
    expect(traits).toEqual([]);
    expect(Object.keys(rejected).length).toBeGreaterThanOrEqual(0);
  });

  it('are extracted from English sentences among others', async () => {
    const { facts } = await analyse([day(0, '我很高兴。\nI live in Singapore.', '好的。')]);
    expect(facts.map(({ knowledge }) => knowledge)).toEqual(['The user lives in Singapore.']);
  });
});

describe('facts of the assistant', () => {
  it('say what it recommended, promised and made', async () => {
    const { facts } = await analyse([
      day(0, 'Where shall we eat?', 'I recommend the restaurant Da Mario near the river.'),
      day(0, 'Please do not let me forget.', 'Sure! I will remind you to call your dentist tomorrow.'),
      day(0, 'And the shop?', 'I will help you plan the second shop.'),
      day(0, 'And the food?', "I've created a shopping list for your barbecue."),
      day(
        0,
        'Books?',
        'Here are three novels you may like:\n\n1. **Middlemarch** – long\n2. **Emma** – short\n3. **Villette** – dark',
      ),
    ]);
    expect(facts.every(({ assistant_id }) => assistant_id === someAssistant)).toBe(true);
    expect(facts.map(({ knowledge }) => knowledge)).toEqual([
      'The assistant recommended the restaurant Da Mario near the river.',
      "The assistant promised to remind the user to call the user's dentist on 5 March 2024.",
      'The assistant promised to help the user plan the second shop.',
      "The assistant created a shopping list for the user's barbecue.",
      'The assistant recommended Middlemarch, Emma and Villette.',
    ]);
  });

  it.each([
    'I recommend it.',
    'Should I recommend a restaurant?',
    'I do not recommend the soup.',
    'I will think about it.',
    'You should be proud of yourself.',
    'I went to the beach and bought a kite.',
    'Here is my dog.',
    'Here is a draft: Dear Mr Claes',
    'I made a mistake, sorry for your trouble.',
    'Anna said: "I recommend the soup at Luigi".',
    'Let me know what you think.',
  ])('are not extracted from: %s', async (reply) => {
    expect((await analyse([day(0, 'Tell me.', reply)])).facts).toEqual([]);
  });
});
