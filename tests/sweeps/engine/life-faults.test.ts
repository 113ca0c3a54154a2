import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryError } from '../../../src/model/errors.js';
import {
  type Deed,
  goOn,
  type LivingMemory,
  type Opening,
  openingsIn,
  openLife,
} from '../../support/engine-life.js';
import { type Fault, faultyFiles, forEveryNumber, type Step } from '../../support/faulty-files.js';
import { makeFolderInMemory } from '../../support/folders.js';
import { allTexts } from '../../support/store-process.js';

let root: Awaited<ReturnType<typeof makeFolderInMemory>>;
let openings: readonly Opening[];
beforeAll(async () => {
  root = await makeFolderInMemory();
  openings = await openingsIn(root.folder);
});
afterAll(() => root.remove());

/** Codes with which the operation can fail. The store's own tests try every code at every operation. */
function faultOf({ kind, number }: Step): Fault {
  if (kind === 'write') return number % 2 === 0 ? 'short' : { code: 'ENOSPC' };
  if (kind === 'open') return { code: number % 2 === 0 ? 'EMFILE' : 'EACCES' };
  return { code: 'EIO' };
}

/** Repeats a failed call. Its error must name the cause. */
async function insist<T>(job: () => Promise<T>, where: () => string, isDone = async () => false) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await job();
    } catch (error) {
      const shown = `${where()}: ${error}`;
      expect(error, shown).toBeInstanceOf(MemoryError);
      expect(error, shown).toMatchObject({ code: 'STORE_IO', message: expect.stringMatching(/\(?E[A-Z]+/) });
      expect(tries, shown).toBeLessThan(3);
      if (await isDone()) return undefined;
    }
  }
}

/** A failed add may be stored or not, so it is repeated only if it is not stored. */
async function carryOut(deed: Deed, memory: LivingMemory, where: () => string): Promise<void> {
  const isStored = async () => {
    const texts = await allTexts(memory.store);
    return deed.texts.length > 0 && deed.texts.every((text) => texts.includes(text));
  };
  await insist(() => deed.do(memory), where, isStored);
}

async function failIn(opening: Opening, number: number): Promise<boolean> {
  const { name, model, deeds } = opening.chapter;
  const dataDir = `${root.folder}/${name}-${number}`;
  await opening.copyTo(dataDir);
  const hit: Step[] = [];
  const files = faultyFiles((step) => {
    if (step.number !== number) return null;
    hit.push(step);
    return faultOf(step);
  });
  const where = () => `${name}: ${number}: ${hit[0]?.kind} ${hit[0]?.path.split('/').pop()}`;
  const memory = await insist(() => openLife({ dataDir, files, model }), where);
  if (memory === undefined) throw new Error('it opens in the end');
  for (const deed of deeds) await carryOut(deed, memory, where);
  await memory.engine.close();
  const again = await openLife({ dataDir, model });
  await goOn(dataDir, again, [...opening.told, ...deeds.flatMap(({ texts }) => texts)], where());
  await rm(dataDir, { recursive: true });
  return hit.length > 0;
}

describe('a file operation of the engine that fails, at every step of a life', () => {
  it.each(['add, migrate, analyse', 'evict', 'rebuild', 'import'])(
    '%s: is reported, and the call succeeds when it is repeated',
    async (name) => {
      const opening = openings.find(({ chapter }) => chapter.name === name);
      if (opening === undefined) throw new Error(`there is no chapter ${name}`);
      expect(await forEveryNumber((number) => failIn(opening, number))).toBeGreaterThan(90);
    },
  );
});
