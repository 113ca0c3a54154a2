import { expect, it } from 'vitest';
import type { SegmentId } from '../../../../src/model/ids.js';
import type { Operation } from '../../../../src/model/operation.js';
import type { Page } from '../../../../src/model/page.js';
import type { Analyser, BatchInput } from '../../../../src/ports/analyser.js';
import { samplePage, sampleSegment } from '../../../support/samples.js';
import { factsOfPages, oneTopic, scriptedAnalyser } from '../../../support/scripted-analyser.js';
import { worker as setUp } from '../../../support/worker.js';

const batchPages = 2;
const themes = ['garden', 'taxes', 'violin', 'sailing', 'bread', 'chess', 'knitting', 'volcano', 'marathon'];
const nothing = async () => undefined;

/**
 * An analyser that always gets new work: `load` runs during the `count`-th analysis and adds some. After `most` analyses
 * no more is added.
 */
function underLoad(load: { batch?: Load; segment?: Load; most?: number }) {
  const done: string[] = [];
  const { batch = nothing, segment = nothing, most = 60 } = load;
  const themeOf = (input: BatchInput) => input.pages[0].user_input;
  const answers = scriptedAnalyser('builtin', [(input) => oneTopic(themeOf(input))(input)], [factsOfPages()]);
  const analyser: Analyser = {
    name: 'builtin',
    async analyseBatch(input) {
      done.push('batch');
      if (done.length < most) await batch(done.length);
      return answers.analyseBatch(input);
    },
    async analyseSegment(input) {
      done.push(input.head.theme);
      if (done.length < most) await segment(done.length);
      return answers.analyseSegment(input);
    },
  };
  return { analyser, done };
}

type Load = (count: number) => Promise<unknown>;

function pagesOf(theme: string, count: number): Page[] {
  return Array.from({ length: count }, () => samplePage({ user_input: theme }));
}

const toShortTerm = (page: Page): Operation => ({ op: 'page_added', page, segment_id: null });

/** A segment about `theme` with this number of pages to analyse. */
function segmentWith(theme: string, pages: number): { id: SegmentId; operations: Operation[] } {
  const { head } = sampleSegment({ theme, summary: `All about ${theme}.`, keywords: [theme] });
  const added = pagesOf(theme, pages).map(
    (page): Operation => ({ op: 'page_added', page, segment_id: head.id }),
  );
  return { id: head.id, operations: [{ op: 'segment_put', head }, ...added] };
}

it('keeps mid-term memory within its capacity while pages arrive faster than they migrate', async () => {
  const capacity = 3;
  const sizes: number[] = [];
  const { analyser, done } = underLoad({
    batch: async (count) => {
      sizes.push(store.state.segments.size);
      const theme = themes[count % themes.length] ?? '';
      await store.transact(() => pagesOf(theme, batchPages + 1).map(toShortTerm));
    },
  });
  const { store, worker, add } = await setUp(analyser, { segments: capacity });
  await add(6);
  await worker.drain(false);
  expect(done.filter((one) => one === 'batch').length).toBeGreaterThan(20);
  expect(Math.max(...sizes)).toBe(capacity);
  expect(store.state.archivedSegments).toBeGreaterThan(5);
  expect(store.state.segments.size).toBe(capacity);
});

it('analyses hot segments while pages arrive faster than they migrate', async () => {
  const { analyser, done } = underLoad({
    batch: () => store.transact(() => pagesOf('garden', batchPages + 1).map(toShortTerm)),
  });
  const { store, worker } = await setUp(analyser, { heatMin: 3 });
  await store.transact(() => pagesOf('garden', 6).map(toShortTerm));
  await worker.drain(false);
  // Eight batches are migrated, then the segment that they joined is analysed while the ninth waits.
  expect(done.slice(0, 18)).toEqual([
    ...Array(8).fill('batch'),
    'garden',
    ...Array(8).fill('batch'),
    'garden',
  ]);
});

it('migrates while there is always another hot segment', async () => {
  const hot = segmentWith('garden', 3);
  const { analyser, done } = underLoad({
    segment: () =>
      store.transact(() =>
        pagesOf('garden', 3).map((page) => ({ op: 'page_added', page, segment_id: hot.id })),
      ),
  });
  const { store, worker } = await setUp(analyser, { heatMin: 3 });
  await store.transact(() => [...hot.operations, ...pagesOf('taxes', 6).map(toShortTerm)]);
  await worker.drain(false);
  expect(done.length).toBeGreaterThan(50);
  expect(done.indexOf('batch')).toBeLessThan(2);
});

it('migrates even while thousands of segments exceed the capacity', async () => {
  const { analyser, done } = underLoad({});
  const { store, worker } = await setUp(analyser, { segments: 1 });
  await store.transact(() => [
    ...Array.from({ length: 40 }, (_, i) => segmentWith(`old topic ${i}`, 1).operations).flat(),
    ...pagesOf('taxes', 10).map(toShortTerm),
  ]);
  await worker.drain(false);
  expect(done.slice(0, 6)).toEqual([
    'old topic 0',
    'old topic 1',
    'batch',
    'old topic 2',
    'old topic 3',
    'batch',
  ]);
  expect(store.state.segments.size).toBe(1);
  expect(store.state.shortTerm).toHaveLength(4);
});

it('analyses every hot segment even if one is always the hottest', async () => {
  const hottest = segmentWith('garden', 9);
  const { analyser, done } = underLoad({
    segment: () =>
      store.transact(() =>
        pagesOf('garden', 9).map((page) => ({ op: 'page_added', page, segment_id: hottest.id })),
      ),
  });
  const { store, worker } = await setUp(analyser, { heatMin: 3 });
  await store.transact(() => [
    ...segmentWith('taxes', 3).operations,
    ...hottest.operations,
    ...segmentWith('violin', 4).operations,
  ]);
  await worker.drain(false);
  expect(done.slice(0, 5)).toEqual(['garden', 'violin', 'taxes', 'garden', 'garden']);
});

it('reads new pages during a long analysis', async () => {
  let readWhile: Promise<unknown> | undefined;
  const { analyser } = underLoad({
    most: 2,
    batch: () => {
      readWhile = new Promise<void>((resolve) => {
        store.subscribe((change) => {
          if (change.kind === 'operations' && change.operations.some(({ op }) => op === 'pages_read'))
            resolve();
        });
      });
      // The batch ends only when the page that comes meanwhile has been read.
      void store.transact(() => [toShortTerm({ ...samplePage(), read: false })]).then(() => worker.wake());
      return readWhile;
    },
  });
  const { store, worker, add } = await setUp(analyser);
  await add(11);
  await worker.drain(false);
  expect(readWhile).toBeDefined();
  expect([...store.state.shortTerm].every(({ read }) => read)).toBe(true);
});
