import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createInMemoryStore } from '../../src/adapters/in-memory/in-memory-store.js';
import { newChainId, newPageId, toUserId } from '../../src/model/ids.js';
import type { Operation } from '../../src/model/operation.js';
import type { TextReading } from '../../src/ports/meaning-reader.js';
import type { CandidateNeed, Candidates, MemoryIndex, ReadPageTerms } from '../../src/ports/memory-index.js';
import type { UserStore } from '../../src/ports/memory-store.js';
import type { StoredMemory } from '../../src/ports/store.js';
import { createBuiltinEmbedder } from '../../src/retrieval/builtin-embedder.js';
import { CandidateRetriever } from '../../src/retrieval/candidates/candidate-retriever.js';
import { createPageTerms } from '../../src/retrieval/candidates/page-terms.js';
import { indexOverState } from '../support/index-over-state.js';
import { added, makeFact, makeHead, makePage, put, someAssistant } from '../support/records.js';

export interface IndexUnderTest {
  readonly memory: StoredMemory;
  readonly index: MemoryIndex;
  dispose(): Promise<void>;
}

const hourMs = 3_600_000;
const startMs = Date.parse('2026-03-01T10:00:00.000Z');
const model = 'test';
const alice = toUserId('alice');

/** Tests that every index must pass: it gives the same answers as an index that reads everything. */
export function describeMemoryIndex(
  name: string,
  make: (readTerms: ReadPageTerms) => Promise<IndexUnderTest>,
): void {
  describe(`memory index: ${name}`, () => {
    let under: IndexUnderTest;
    let whole: UserStore;
    let reference: MemoryIndex;
    const pages = somePages();
    const id = (at: number) => pages[at]?.id ?? newPageId(0);
    const commit = async (operations: readonly Operation[]) => {
      await whole.transact(() => operations);
      await under.memory.transact({}, () => operations);
    };

    beforeEach(async () => {
      under = await make(createPageTerms());
      whole = await createInMemoryStore().open(alice);
      reference = indexOverState(whole, createPageTerms());
      const heads = [makeHead('cooking'), makeHead('travel')];
      await commit([
        ...heads.map(put),
        ...pages.map((page, i) => added(page, i % 3 === 0 ? null : (heads[i % 2]?.id ?? null))),
        { op: 'fact_put', fact: makeFact('The user sings', [id(0)]) },
        { op: 'fact_put', fact: makeFact('The assistant cooks', [id(1)], { assistant_id: someAssistant }) },
      ]);
    });
    afterEach(() => under.dispose());

    const both = async <T>(ask: (index: MemoryIndex) => Promise<T>) => {
      const [found, expected] = [await ask(under.index), await ask(reference)];
      expect(found).toEqual(expected);
      return found;
    };

    it('counts pages, words, languages and terms', async () => {
      const terms = ['bicycl', 'harbour', 'nobodi', 'ann', 'leuchtturm', 'neighbour', '"quoted"\\'];
      const before = await both((index) => index.statistics(terms));
      expect(before.pages).toBe(pages.length);
      expect(before.terms.size).toBeGreaterThan(3);
      await both((index) => index.statistics([]));
      await commit([{ op: 'page_forgotten', page_id: id(1) }]);
      const after = await both((index) => index.statistics(terms));
      expect(after.pages).toBe(pages.length - 1);
    });

    it('reports which spans contain pages', async () => {
      const span = (from: number, until: number) => ({
        fromMs: startMs + from * hourMs,
        untilMs: startMs + until * hourMs,
      });
      const spans = [span(0, 0), span(1, 19), span(20, 20), span(-99, -1), span(19, 21)];
      expect(await both((index) => index.holds(spans))).toEqual([true, false, true, false, true]);
      expect(await both((index) => index.holds([]))).toEqual([]);
    });

    it('finds the terms that another may be a misspelling of', async () => {
      expect(await both((index) => index.spellings('harbuor', 2, 2))).toEqual(['harbour']);
      await both((index) => index.spellings('neighbuor', 2, 5));
      expect(await both((index) => index.spellings('xylophone', 1, 5))).toEqual([]);
    });

    it('returns the candidates by words, vector and spans with their neighbours', async () => {
      await keepAll(under.index, reference);
      const [vector = new Float32Array()] = await createBuiltinEmbedder().embed(['repaired a bicycle']);
      const need: CandidateNeed = {
        terms: [
          { term: 'bicycl', worth: 2.5 },
          { term: 'repair', worth: 1.25 },
          { term: 'nobodi', worth: 9 },
        ],
        meaning: null,
        spans: [],
        within: null,
        limit: 4,
      };
      const span = { fromMs: startMs + 100 * hourMs, untilMs: startMs + 130 * hourMs };
      for (const more of [
        {},
        { terms: [], meaning: { model, vector } },
        { meaning: { model, vector } },
        { terms: [], spans: [span] },
        { terms: [], spans: [{ fromMs: startMs - 99 * hourMs, untilMs: startMs - 98 * hourMs }] },
        {
          meaning: { model, vector },
          spans: [span],
          within: { fromMs: startMs + 60 * hourMs, untilMs: startMs + 200 * hourMs },
        },
        { within: { fromMs: Number.NEGATIVE_INFINITY, untilMs: startMs + 60 * hourMs } },
        { meaning: { model: 'another', vector } },
        { terms: [] },
        { limit: 1000, meaning: { model, vector } },
      ]) {
        const [found, expected] = await Promise.all([
          under.index.candidates({ ...need, ...more }),
          reference.candidates({ ...need, ...more }),
        ]);
        expect(comparable(found), JSON.stringify(Object.keys(more))).toEqual(comparable(expected));
        expect(found.nearness?.mean ?? 0).toBeCloseTo(expected.nearness?.mean ?? 0, 5);
        expect(found.nearness?.deviation ?? 0).toBeCloseTo(expected.nearness?.deviation ?? 0, 5);
      }
    });

    it('serves a search that tells the project by a name, and prefers the current one', async () => {
      const told: readonly (readonly [project: string | null, text: string])[] = [
        [null, 'Lena has a server at home.'],
        [null, 'The nightly backups go to the cellar.'],
        ['harbor', 'The server keeps its nightly backups in the vault for thirty days.'],
        ['kestrel', 'The kestrel server keeps its nightly backups in the attic for thirty days.'],
      ];
      const more = told.map(([project, text], i) =>
        makePage(text, {
          agent_response: '',
          timestamp: new Date(startMs + (600 + 24 * i) * hourMs).toISOString(),
          meta_data: project === null ? {} : { project },
        }),
      );
      await commit(more.map((page) => added(page)));
      const retriever = new CandidateRetriever({
        embedder: createBuiltinEmbedder(),
        reader: null,
        clock: { now: () => startMs },
        shortTermCapacityPages: 2,
        store: under.memory,
        index: under.index,
      });
      const ask = async (text: string, project?: string) => {
        const query = { text, nowMs: startMs, pagesMax: 5, factsMax: 0, assistantId: someAssistant, project };
        const found = await retriever.search({ ...query, relevanceMin: 0 });
        return found.pages.map(({ page }) => told.findIndex(([, said]) => said === page.user_input));
      };
      const backups = 'For how many days does the server keep its nightly backups?';
      expect((await ask(backups, 'harbor'))[0]).toBe(2);
      expect((await ask(backups, 'kestrel'))[0]).toBe(3);
      const ofLena = backups.replace('server', 'server of Lena');
      for (const project of [undefined, 'harbor']) {
        expect((await ask(ofLena, project)).slice(0, 2).sort()).toEqual([0, 1]);
      }
      await retriever.close();
    });

    it('lists pages without vectors, and keeps vectors except those of removed pages', async () => {
      expect((await both((index) => index.unread(model, 3))).pages).toHaveLength(3);
      expect(await both((index) => index.vectorCounts(model))).toEqual({ vectors: 0, missing: pages.length });
      await keepAll(under.index, reference);
      expect(await both((index) => index.unread(model, 99))).toEqual({ pages: [], facts: [] });
      expect((await both((index) => index.unread('another', 99))).pages).toHaveLength(pages.length);
      await commit([{ op: 'page_forgotten', page_id: id(2) }]);
      await under.index.keepReadings(
        model,
        new Map([[id(2), { vector: new Float32Array(4), pieces: null }]]),
      );
      expect(await under.index.vectorCounts(model)).toEqual({ vectors: pages.length - 1, missing: 0 });
      await commit([added(makePage('new'))]);
      expect((await both((index) => index.unread(model, 9))).pages.map((page) => page.user_input)).toEqual([
        'new',
      ]);
    });
  });
}

function somePages() {
  const subjects = ['the harbour', 'a bicycle', 'our choir', 'the orchard'];
  const doings = ['painted', 'repaired', 'visited'];
  const chain = newChainId(0);
  return [
    ...Array.from({ length: 24 }, (_, i) =>
      makePage(
        `Today I ${doings[i % 3]} ${subjects[Math.floor(i / 3) % 4]} with neighbour ${i}.${' And so on.'.repeat(i % 5)}`,
        {
          timestamp: new Date(startMs + i * 20 * hourMs).toISOString(),
          agent_response: i % 4 === 0 ? `How lovely, Ann! \`callMe(${i})\` \u0000` : 'I see.',
          chain_id: i % 5 === 0 ? chain : null,
          meta_data: i % 7 === 0 ? { project: 'garden' } : {},
        },
      ),
    ),
    makePage('Gestern habe ich mit meiner Schwester den alten Leuchtturm besichtigt.', {
      timestamp: new Date(startMs + 500 * hourMs).toISOString(),
    }),
  ];
}

async function keepAll(...indexes: readonly MemoryIndex[]): Promise<void> {
  for (const index of indexes) {
    const { pages, facts } = await index.unread(model, 999);
    const texts = [...pages.map((page) => page.user_input), ...facts.map((fact) => fact.knowledge)];
    const vectors = await createBuiltinEmbedder().embed(texts);
    const made = [...pages, ...facts].map(
      ({ id }, i): [(typeof pages)[0]['id'] | (typeof facts)[0]['id'], TextReading] => [
        id,
        { vector: vectors[i] ?? new Float32Array(), pieces: i % 2 === 0 ? Uint8Array.of(i, 255, 0) : null },
      ],
    );
    await index.keepReadings(model, new Map(made));
  }
}

/** The answer with vectors as numbers and heads in a fixed order, for comparison. */
function comparable({ pages, heads, facts }: Candidates) {
  return {
    pages: pages.map((page) => ({ ...page, vector: page.vector && [...page.vector] })),
    heads: new Set(heads),
    facts: new Map([...facts].map(([id, vector]) => [id, [...vector]])),
  };
}
