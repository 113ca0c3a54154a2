import { readdirSync, readFileSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyMemory } from '../../../src/adapters/files/recovery/verify.js';
import { type PageId, toUserId } from '../../../src/model/ids.js';
import type { Page } from '../../../src/model/page.js';
import { type LivingMemory, openLife } from '../../support/engine-life.js';
import { type FaultyFiles, faultyFiles } from '../../support/faulty-files.js';
import { makeFolderInMemory } from '../../support/folders.js';

const alice = toUserId('alice');
const subjects = ['garden', 'violin', 'Lisbon', 'gearbox', 'chess'];

let root: Awaited<ReturnType<typeof makeFolderInMemory>>;
let runs = 0;
beforeAll(async () => {
  root = await makeFolderInMemory();
});
afterAll(() => root.remove());

/** One step of a history. `pick` chooses among the existing items. */
interface Deed {
  readonly kind: 'add' | 'retrieve' | 'forget' | 'migrate' | 'restart' | 'crash';
  readonly by: 0 | 1;
  readonly pick: number;
}

const kinds: fc.Arbitrary<Deed['kind']> = fc.oneof(
  { weight: 8, arbitrary: fc.constant('add' as const) },
  { weight: 3, arbitrary: fc.constant('migrate' as const) },
  { weight: 3, arbitrary: fc.constant('crash' as const) },
  { weight: 5, arbitrary: fc.constantFrom('retrieve' as const, 'forget' as const, 'restart' as const) },
);
const deed: fc.Arbitrary<Deed> = fc.record({ kind: kinds, by: fc.constantFrom(0, 1), pick: fc.nat(99) });

/** Two engines on one folder, and a simple model of them: the stored pages. */
class History {
  readonly #dataDir: string;
  readonly #model = new Map<string, PageId>();
  readonly #forgotten = new Set<string>();
  readonly #processes: { memory: LivingMemory; files: FaultyFiles; plan: { crashAt: number } }[] = [];
  #count = 0;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  async start(index: number): Promise<LivingMemory> {
    const plan = { crashAt: Number.POSITIVE_INFINITY };
    const files = faultyFiles((step) => (step.number >= plan.crashAt ? 'crash' : null));
    const memory = await openLife({ dataDir: this.#dataDir, files });
    this.#processes[index] = { memory, files, plan };
    return memory;
  }

  async run(step: Deed): Promise<void> {
    const process = this.#processes[step.by];
    if (process === undefined) throw new Error('both are started');
    const text = step.kind === 'add' ? this.#newText(step.pick) : this.#pickText(step.pick);
    try {
      await this.#carryOut(step, process.memory, text);
    } catch (error) {
      if (!process.files.crashed) throw error;
      await process.memory.engine.close();
      const again = await this.start(step.by);
      await this.#learn(again, step.kind, text);
    }
    if (step.kind === 'crash') process.plan.crashAt = process.files.steps.length + 1 + step.pick;
  }

  #newText(pick: number): string {
    this.#count += 1;
    return `Note number${this.#count} on my ${subjects[pick % subjects.length]}.`;
  }

  #pickText(pick: number): string | undefined {
    return [...this.#model.keys()][pick % Math.max(1, this.#model.size)];
  }

  async #carryOut(
    { kind, by, pick }: Deed,
    { engine }: LivingMemory,
    text: string | undefined,
  ): Promise<void> {
    if (kind === 'add' && text !== undefined) {
      const { page_id } = await engine.add({ userInput: text, agentResponse: '' });
      this.#model.set(text, page_id);
    }
    if (kind === 'migrate') await engine.flush({ shortTerm: pick % 2 === 0 });
    if (kind === 'retrieve' && text !== undefined) {
      const found = await engine.retrieve({ query: text, maxResults: 100 });
      const shown = [...found.short_term_memory, ...found.retrieved_pages].map((page) => page.user_input);
      expect(shown.filter((one) => !this.#model.has(one))).toEqual([]);
      // A latest page may also be among the best ones. A page may be in both lists, but only once in each.
      for (const list of [found.short_term_memory, found.retrieved_pages]) {
        expect(new Set(list.map((page) => page.page_id)).size).toBe(list.length);
      }
    }
    const id = text === undefined ? undefined : this.#model.get(text);
    if (kind === 'forget' && text !== undefined && id !== undefined) {
      await engine.forget({ pageIds: [id], confirm: true });
      this.#model.delete(text);
      this.#forgotten.add(text);
    }
    if (kind === 'restart') {
      await engine.close();
      await this.start(by);
    }
  }

  /** The interrupted change must be there completely or not at all. The model takes over which. */
  async #learn(memory: LivingMemory, kind: Deed['kind'], text: string | undefined): Promise<void> {
    if (text === undefined) return;
    const stored = (await pagesOf(memory)).find((page) => page.user_input === text);
    if (kind === 'add' && stored !== undefined) this.#model.set(text, stored.id);
    if (kind === 'forget' && stored === undefined) {
      this.#model.delete(text);
      this.#forgotten.add(text);
    }
    await this.check(memory);
  }

  async check(memory: LivingMemory): Promise<void> {
    const found = (await pagesOf(memory)).map((page) => [page.user_input, page.id]);
    expect(found.sort()).toEqual([...this.#model].sort());
    expect(memory.store.notices.filter(({ level }) => level !== 'info')).toEqual([]);
  }

  async finish(): Promise<void> {
    for (const [index, process] of this.#processes.entries()) {
      process.plan.crashAt = Number.POSITIVE_INFINITY;
      const memory = process.files.crashed ? await this.#replace(index) : process.memory;
      await memory.engine.flush();
      await this.check(memory);
      await memory.engine.close();
    }
    expect((await verifyMemory(this.#dataDir, alice)).defects).toEqual([]);
    const names = [...this.#forgotten].map((text) => `${text.split(' ')[1]} `);
    expect(names.filter((name) => filesWith(this.#dataDir, name).length > 0)).toEqual([]);
    await rm(this.#dataDir, { recursive: true });
  }

  /** The process stopped in its background work. */
  async #replace(index: number): Promise<LivingMemory> {
    await this.#processes[index]?.memory.engine.close();
    return this.start(index);
  }
}

async function pagesOf({ store }: LivingMemory): Promise<Page[]> {
  await store.refresh();
  const { shortTerm, segments } = store.state;
  const pages = [...shortTerm, ...[...segments.values()].flatMap((segment) => segment.pages)];
  for await (const entry of store.readArchive()) if (entry.kind === 'segment') pages.push(...entry.pages);
  return pages;
}

function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const path = join(folder, name);
    return statSync(path).isFile() && readFileSync(path, 'latin1').includes(text);
  });
}

/** A crash while a page is forgotten whose fact is in the archive. */
const forgettingInterrupted: Deed[] = [
  { kind: 'add', by: 0, pick: 0 },
  { kind: 'add', by: 0, pick: 0 },
  { kind: 'migrate', by: 0, pick: 0 },
  { kind: 'add', by: 0, pick: 69 },
  { kind: 'migrate', by: 1, pick: 49 },
  { kind: 'add', by: 1, pick: 68 },
  { kind: 'add', by: 1, pick: 92 },
  { kind: 'add', by: 0, pick: 24 },
  { kind: 'crash', by: 0, pick: 42 },
  { kind: 'retrieve', by: 0, pick: 24 },
  { kind: 'crash', by: 0, pick: 98 },
  { kind: 'forget', by: 0, pick: 36 },
  { kind: 'add', by: 1, pick: 96 },
  { kind: 'add', by: 0, pick: 34 },
  { kind: 'add', by: 1, pick: 99 },
  { kind: 'restart', by: 1, pick: 75 },
  { kind: 'migrate', by: 1, pick: 4 },
  { kind: 'restart', by: 0, pick: 96 },
];

describe('random histories of two engines', () => {
  it('keep each page once through crashes and restarts, and nothing forgotten', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { minLength: 5, maxLength: 30 }), async (deeds) => {
        runs += 1;
        const history = new History(`${root.folder}/${runs}`);
        await history.start(0);
        await history.start(1);
        for (const step of deeds) await history.run(step);
        await history.finish();
      }),
      { numRuns: 20, examples: [[forgettingInterrupted]], interruptAfterTimeLimit: 20_000 },
    );
  });
});
