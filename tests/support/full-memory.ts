import { newChainId } from '../../src/model/ids.js';
import type { Fact } from '../../src/model/knowledge.js';
import type { Operation } from '../../src/model/operation.js';
import type { UserStore } from '../../src/ports/memory-store.js';
import { added, makeFact, makeHead, makePage, makeTrait, migrated, put, someAssistant } from './records.js';

/** Fills every tier, the history, the archive and the visits, with analysed and migrated pages. */
export async function fillMemory(store: UserStore): Promise<void> {
  const metaData = JSON.parse('{"__proto__":{"a":1},"place":"home","list":[1,null,"ü"]}');
  const garden = makeHead('garden', { n_visit: 2, last_visit_at: '2026-04-01T00:00:00.000Z' });
  const house = makeHead('house');
  const chain = newChainId(Date.now());
  const inGarden = ['tomatoes', 'beans\u2028\r\n"quoted"', '记忆 🧠 الذاكرة'].map((text, index) =>
    makePage(text, {
      chain_id: chain,
      meta_info: `garden ${index}`,
      analysed: index === 0,
      meta_data: metaData,
    }),
  );
  const inHouse = ['roof', 'door'].map((text) => makePage(text, { chain_id: newChainId(Date.now()) }));
  const last = makePage('the page that migrated last');
  const latest = [makePage('hello'), makePage('', { agent_response: 'only the assistant' })];
  const [first, second] = inGarden;
  if (first === undefined || second === undefined) throw new Error('There are no pages.');
  const berlin = makeFact('lives in Berlin', [second.id], { slot: 'home' });
  const bonn = makeFact('lives in Bonn', [first.id], { slot: 'home', superseded_by: berlin.id });
  const old = makeFact('the oldest fact', [first.id]);
  const factPut = (fact: Fact): Operation => ({ op: 'fact_put', fact });
  await store.transact(() => [
    put(house),
    ...inHouse.map((page) => added(page, house.id)),
    { op: 'segment_archived', segment_id: house.id },
    put(garden),
    ...inGarden.map((page) => added(page, garden.id)),
    added(last),
    migrated(last.id, garden.id),
    ...latest.map((page) => added(page)),
    factPut(bonn),
    factPut(berlin),
    factPut(makeFact('imported without a source', [])),
    factPut(makeFact('promised to water', [second.id], { assistant_id: someAssistant })),
    {
      op: 'change_logged',
      change: {
        at: '2026-04-02T10:00:00.000Z',
        by: 'cli',
        assistant_id: someAssistant,
        action: 'edited',
        fact_id: berlin.id,
        before: 'lives in Bern',
        after: berlin.knowledge,
        forgotten: null,
      },
    },
    factPut(old),
    { op: 'fact_removed', fact_id: old.id, assistant_id: null, reason: 'capacity' },
    { op: 'trait_put', trait: makeTrait([first.id]) },
    { op: 'trait_put', trait: makeTrait([second.id], { dimension: 'Food Interest', level: 'Low' }) },
  ]);
}

/** Many pages, in segments of `pagesPerSegment`, for tests of speed and size. */
export async function fillSegments(
  store: UserStore,
  segments: number,
  pagesPerSegment: number,
  archivedEvery = 0,
): Promise<void> {
  for (let index = 0; index < segments; index += 1) {
    const head = makeHead(`topic ${index}`);
    const pages = Array.from({ length: pagesPerSegment }, (_, page) => makePage(`page ${index}.${page}`));
    await store.transact(() => [
      put(head),
      ...pages.map((page) => added({ ...page, chain_id: newChainId(Date.now()) }, head.id)),
      ...(archivedEvery > 0 && index % archivedEvery === 0
        ? [{ op: 'segment_archived' as const, segment_id: head.id }]
        : []),
    ]);
  }
}
