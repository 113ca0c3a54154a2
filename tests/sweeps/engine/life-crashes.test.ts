import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bury, goOn, type Opening, openingsIn, openLife, storedTexts } from '../../support/engine-life.js';
import { type FaultyFiles, faultyFiles, forEveryNumber } from '../../support/faulty-files.js';
import { makeFolderInMemory } from '../../support/folders.js';

let root: Awaited<ReturnType<typeof makeFolderInMemory>>;
let openings: readonly Opening[];
beforeAll(async () => {
  root = await makeFolderInMemory();
  openings = await openingsIn(root.folder);
});
afterAll(() => root.remove());

/** Runs a chapter until the files crash. Returns the acknowledged texts. */
async function liveUntilCrash({ chapter, told }: Opening, dataDir: string, files: FaultyFiles) {
  const acknowledged = [...told];
  const memory = await openLife({ dataDir, files, model: chapter.model }).catch(() => null);
  for (const deed of chapter.deeds) {
    if (files.crashed || memory === null) break;
    await deed.do(memory).then(
      () => acknowledged.push(...deed.texts),
      () => undefined,
    );
  }
  await memory?.engine.close();
  return acknowledged;
}

async function crashIn(opening: Opening, number: number, powerCut = false): Promise<boolean> {
  const { name, model } = opening.chapter;
  const dataDir = `${root.folder}/${name}-${number}${powerCut ? '-power' : ''}`;
  await opening.copyTo(dataDir);
  const removedFiles = `${dataDir}-removed`;
  const files = faultyFiles(
    (step) => (step.number === number ? 'crash' : null),
    powerCut ? removedFiles : undefined,
  );
  const acknowledged = await liveUntilCrash(opening, dataDir, files);
  if (files.crashed) {
    if (powerCut) files.cutPower(number % 3);
    await bury(dataDir);
    const step = files.steps.at(-1);
    const where = `${name}: crash at ${step?.number}: ${step?.kind} ${step?.path.split('/').pop()}`;
    const memory = await openLife({ dataDir, model });
    await goOn(dataDir, memory, acknowledged, where);
    const noticed = memory.store.notices.filter(({ level }) => level !== 'info');
    expect([noticed, memory.reports], where).toEqual([[], []]);
  }
  await rm(dataDir, { recursive: true, force: true });
  await rm(removedFiles, { recursive: true, force: true });
  return files.crashed;
}

const chapters = ['add, migrate, analyse', 'evict', 'rebuild', 'import'] as const;

describe('a crash of the engine at every file operation', () => {
  it("of a memory's life with every kind of event", async () => {
    expect(openings.map(({ chapter }) => chapter.name)).toEqual(chapters);
    const { store, engine } = await openLife({ dataDir: `${root.folder}/start-${chapters.length}` });
    const { state } = store;
    expect([state.userKnowledge.length, state.archivedSegments > 1, state.segments.size]).toEqual([
      2,
      true,
      1,
    ]);
    expect(state.profile.size).toBeGreaterThan(0);
    await engine.close();
    expect(await storedTexts(`${root.folder}/start-${chapters.length}`)).toHaveLength(11);
  });

  it.each(chapters)('%s: loses and duplicates nothing and needs no repair', async (name) => {
    const opening = openings.find(({ chapter }) => chapter.name === name);
    if (opening === undefined) throw new Error(`there is no chapter ${name}`);
    expect(await forEveryNumber((number) => crashIn(opening, number))).toBeGreaterThan(90);
  });

  it.each(['evict', 'import'])('%s: also after a power cut, at every fourth operation', async (name) => {
    const opening = openings.find(({ chapter }) => chapter.name === name);
    if (opening === undefined) throw new Error(`there is no chapter ${name}`);
    expect(await forEveryNumber((number) => crashIn(opening, 4 * number, true))).toBeGreaterThan(30);
  });
});
