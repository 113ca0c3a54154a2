import { describe, expect, test } from 'vitest';
import { createInMemoryStore } from '../../../src/adapters/in-memory/in-memory-store.js';
import { normalise } from '../../../src/lib/math/vectors.js';
import { words } from '../../../src/lib/text/words.js';
import { newChainId, toUserId } from '../../../src/model/ids.js';
import type { Page } from '../../../src/model/page.js';
import type { Embedder } from '../../../src/ports/embedder.js';
import { createBuiltinEmbedder } from '../../../src/retrieval/builtin-embedder.js';
import { readerOf } from '../../../src/retrieval/meaning/reader-of.js';
import { MemoryRetriever } from '../../../src/retrieval/memory-retriever.js';
import { inSegments, memoryOf, nowMs, said } from '../../support/asked-memory.js';
import { added, makeHead, put, someAssistant } from '../../support/records.js';

describe('dates', () => {
  const may = said('I went to the dentist', '2023-05-07T10:00:00.000Z');
  const june = said('I went to the dentist once more', '2023-06-14T10:00:00.000Z');
  const friday = said('I cooked soup for everyone', '2023-10-13T19:00:00.000Z');
  const monday = said('I cooked soup for everybody', '2023-10-02T19:00:00.000Z');

  test.each([
    ['What did I do at the dentist in May 2023?', may],
    ['What was it at the dentist on 14 June 2023?', june],
    ['2023年5月7日 dentist', may],
    ['Was war am 14.6.2023 mit dem dentist?', june],
    ['What did I cook last Friday?', friday],
  ])('%s', async (question, page) => {
    const find = await memoryOf(inSegments([may, june, friday, monday]));
    expect((await find(question))[0]?.id).toBe(page.id);
  });

  test('a date raises the scores of its pages and does not filter other pages', async () => {
    const find = await memoryOf(inSegments([may, june]));
    const ids = (await find('What did I do at the dentist in July 2021?')).map(({ id }) => id);
    expect(ids.slice(0, 2).sort()).toEqual([may.id, june.id].sort());
  });

  test('a time beside an event is the time of the event', async () => {
    const birthday = said('Today is the birthday of my sister Lena', '2023-08-20T10:00:00.000Z');
    const before = said('We were hiking and it was lovely', '2023-08-06T10:00:00.000Z');
    const later = said('We were hiking and it was rainy', '2023-09-28T10:00:00.000Z');
    const find = await memoryOf(inSegments([birthday, before, later]));
    const ids = (await find('Where were we hiking two weeks before the birthday of Lena?')).map(
      ({ id }) => id,
    );
    expect(ids.indexOf(before.id)).toBeLessThan(ids.indexOf(later.id));
  });
});

test('a renamed topic is found by a synonym with vectors, but not with words alone', async () => {
  const page = said('My automobile broke down on the motorway', '2023-04-01T10:00:00.000Z');
  const alike = said('The lorry of the neighbours is red', '2023-03-01T10:00:00.000Z');
  const aside = said(
    'The kitchen, the cellar, the attic and the roof want paint, and so does the gate of the automobile club',
    '2023-02-01T10:00:00.000Z',
  );
  const pages = inSegments([alike, aside, page]);
  const meanings: Readonly<Record<string, number>> = {
    automobil: 0,
    sedan: 0,
    lorri: 2,
    neighbour: 3,
  };
  const knowing: Embedder = {
    model: 'knows-synonyms',
    dimensions: 16,
    immediate: true,
    async embed(texts) {
      return texts.map((text) => {
        const vector = new Float32Array(16);
        for (const word of words(text)) {
          const known = meanings[word];
          const at = known ?? 4 + (word.charCodeAt(0) % 12);
          vector[at] = (vector[at] ?? 0) + (known === undefined ? 1 : 5);
        }
        return normalise(vector);
      });
    },
  };
  expect((await (await memoryOf(pages, readerOf(knowing)))('sedan?'))[0]?.id).toBe(page.id);
  // Each of these words is on a page. The vectors weigh more than one word of ten.
  const things = [
    'kettle',
    'ladder',
    'mirror',
    'pillow',
    'carpet',
    'bucket',
    'candle',
    'drawer',
    'hammer',
    'basket',
  ];
  const stored = things.map((thing, i) =>
    said(`Our ${thing} is old`, `2022-0${1 + (i % 9)}-1${i % 2}T10:00:00.000Z`),
  );
  const among = `Is the sedan by the ${things.join(', the ')}?`;
  const find = await memoryOf([...pages, ...inSegments(stored)], readerOf(knowing));
  expect((await find(among)).slice(0, 2).map(({ id }) => id)).toContain(page.id);
  expect((await (await memoryOf(pages))('sedan?'))[0]?.id).not.toBe(page.id);
});

test('related words find each other without an embedding model, and the word itself comes first', async () => {
  const couch = said('The couch came', '2023-05-05T10:00:00.000Z');
  const others = ['The oven is broken again', 'A parcel from Norway arrived', 'It rained all day'].map(
    (text) => said(text, '2023-04-05T10:00:00.000Z'),
  );
  const find = await memoryOf(inSegments([...others, couch]));
  expect((await find('sofa?'))[0]?.id).toBe(couch.id);
  const sofa = said('The sofa went', '2023-03-05T10:00:00.000Z');
  const both = await memoryOf(inSegments([...others, couch, sofa]));
  expect((await both('sofa?')).slice(0, 2).map(({ id }) => id)).toEqual([sofa.id, couch.id]);
});

test('a misspelt word finds its page', async () => {
  const page = said('The refrigerator makes a humming noise', '2023-05-05T10:00:00.000Z');
  const find = await memoryOf([
    ...inSegments([said('The neighbours are on holiday in Norway', '2023-04-05T10:00:00.000Z')]),
    ...inSegments([page]),
  ]);
  expect((await find('refridgerator'))[0]?.id).toBe(page.id);

  const twins = ['washing', 'refrigerator'].map((kind, i) =>
    said(`The ${kind} machine hums`, `2023-0${i + 1}-05T10:00:00.000Z`),
  );
  const between = await memoryOf(inSegments(twins));
  expect((await between('refridgerator machine'))[0]?.id).toBe(twins[1]?.id);
});

test('a page in a cold segment that drifted to another topic is found', async () => {
  const head = makeHead('garden', {
    summary: 'Roses, tomatoes and the compost heap.',
    keywords: ['garden', 'rose'],
    last_visit_at: '2020-01-01T00:00:00.000Z',
  });
  const old = said('My blood group is AB negative', '2020-01-01T10:00:00.000Z');
  const garden = Array.from({ length: 40 }, (_, i) =>
    said(`Rose ${i} has greenfly`, '2020-02-01T10:00:00.000Z'),
  );
  const hot = Array.from({ length: 40 }, (_, i) =>
    said(`The blood test of horse ${i} is fine`, '2023-10-01T10:00:00.000Z'),
  );
  const hotHead = makeHead('horses', { n_visit: 50, last_visit_at: '2023-10-19T00:00:00.000Z' });
  const find = await memoryOf([
    put(head),
    ...[old, ...garden].map((page) => added(page, head.id)),
    put(hotHead),
    ...hot.map((page) => added(page, hotHead.id)),
  ]);
  expect((await find('What is my blood group?'))[0]?.id).toBe(old.id);
});

describe('segments', () => {
  const train = said('It leaves at seven in the morning', '2023-04-01T10:00:00.000Z');
  const bus = said('It leaves at nine in the morning', '2023-05-01T10:00:00.000Z');
  const segmented = (page: Page, summary: string) => {
    const head = makeHead(page.id, { summary });
    return [put(head), added(page, head.id)];
  };

  test('theme, summary and keywords of a segment raise its pages', async () => {
    const find = await memoryOf([
      ...segmented(train, 'Talk of a bus.'),
      ...segmented(bus, 'The holiday in Lisbon and how to get there.'),
      ...inSegments([]),
    ]);
    expect((await find('When does it leave for Lisbon?'))[0]?.id).toBe(bus.id);
  });

  test('do not filter: a page is found by its words in a segment about other things', async () => {
    const other = said('The ferry to Lisbon leaves at ten', '2023-06-01T10:00:00.000Z');
    const find = await memoryOf([
      ...segmented(train, 'The holiday in Lisbon, how to get there, and when it leaves.'),
      ...segmented(other, 'Recipes for soup.'),
      ...inSegments([]),
    ]);
    expect((await find('When does the ferry to Lisbon leave?'))[0]?.id).toBe(other.id);
  });
});

test('a page that continues the chain of the page before it shares its words, even hours later', async () => {
  const question = said('What was the name of the plumber?', '2023-05-01T09:00:00.000Z', 'One moment.');
  const answer = said('Giovanni', '2023-05-01T15:00:00.000Z', 'Thanks.');
  const other = said('Matilda', '2023-05-02T15:00:00.000Z', 'Thanks.');
  const chain = newChainId(nowMs);
  const pages = [{ ...question, chain_id: chain }, { ...answer, chain_id: chain }, other];
  const find = await memoryOf(inSegments(pages));
  expect((await find('plumber', 2)).map(({ id }) => id)).toEqual([question.id, answer.id]);
});

describe('languages', () => {
  const pages = [
    said('我妹妹在上海的医院当护士', '2023-01-05T10:00:00.000Z', '好的。'),
    said('我的狗叫小白，喜欢吃苹果', '2023-02-05T10:00:00.000Z', '真可爱。'),
    said('تعمل أختي طبيبة في القاهرة', '2023-03-05T10:00:00.000Z', 'حسنا'),
    said('اشتريت سيارة زرقاء جديدة', '2023-04-05T10:00:00.000Z', 'مبروك'),
    said('Mein Bruder wohnt seit Jahren in München', '2023-05-05T10:00:00.000Z', 'Schön.'),
    said('I met Борис in 東京 to buy a kimono', '2023-06-05T10:00:00.000Z'),
  ];

  test.each([
    ['妹妹在哪里工作？', 0],
    ['小白是谁？', 1],
    ['أين تعمل أُخْتِي؟', 2],
    ['ما لون السيارة؟', 3],
    ['Wo wohnen meine Brüder?', 4],
    ['東京 kimono?', 5],
    ['Where did I meet Борис?', 5],
    ['我在東京买了什么 kimono', 5],
  ])('%s', async (question, at) => {
    const find = await memoryOf(inSegments(pages));
    expect((await find(question))[0]?.user_input).toBe(pages[at]?.user_input);
  });
});

test('a question of 10,000 characters works', async () => {
  const page = said('The lighthouse keeper is called Magnus', '2023-05-05T10:00:00.000Z');
  const find = await memoryOf(inSegments([page]));
  const question = `${'Please think about everything we have ever said. '.repeat(220)} Who keeps the lighthouse?`;
  expect(question.length).toBeGreaterThan(10_000);
  expect((await find(question))[0]?.id).toBe(page.id);
});

test('pages that say the same are shown once', async () => {
  const twice = [1, 2, 3].map((day) =>
    said('Remind me to water the orchids on the balcony', `2023-05-0${day}T10:00:00.000Z`),
  );
  const find = await memoryOf(inSegments(twice));
  const found = await find('What about the orchids?');
  expect(found.filter(({ user_input }) => user_input.includes('orchids'))).toHaveLength(1);
});

test('a short answer is filled up with pages of low scores', async () => {
  const store = await createInMemoryStore().open(toUserId('ann'));
  await store.transact(() => inSegments([said('I moved to Berlin last week', '2023-05-05T10:00:00.000Z')]));
  const retriever = new MemoryRetriever({
    store,
    embedder: createBuiltinEmbedder(),
    reader: readerOf(createBuiltinEmbedder()),
    clock: { now: () => nowMs },
    shortTermCapacityPages: 2,
  });
  await retriever.settled();
  const query = { text: 'Which zeppelin?', nowMs, pagesMax: 3, factsMax: 3, assistantId: someAssistant };
  const found = await retriever.search(query);
  expect(found.pagesFound).toBe(0);
  expect(found.pages).toHaveLength(3);
});
