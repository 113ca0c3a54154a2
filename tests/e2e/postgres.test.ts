import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { loadConfig } from '../../src/app/config/config.js';
import { createEngineFactory } from '../../src/app/create-engine.js';
import { createMemory } from '../../src/app/create-memory.js';
import { doDueWork } from '../../src/app/pool/due-work.js';
import type { MemoryEngine } from '../../src/engine/memory-engine.js';
import { toUserId } from '../../src/model/ids.js';
import { describeWithDatabase, type EmptyDatabase, emptyDatabase } from '../support/database.js';
import { makeFolder } from '../support/folders.js';

describeWithDatabase('a memory in PostgreSQL', (url) => {
  let database: EmptyDatabase;
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  const opened: MemoryEngine[] = [];
  const open = async (user_id = 'alice') => {
    const memory = await createMemory({
      store: 'postgres',
      database_url: database.url,
      data_storage_path: folder.folder,
      user_id,
      short_term_capacity: 4,
      mid_term_heat_threshold: 1,
      embedding_model_name: 'words',
    });
    opened.push(memory);
    return memory;
  };

  beforeAll(async () => {
    database = await emptyDatabase(url);
    folder = await makeFolder();
  });
  afterEach(async () => {
    for (const memory of opened.splice(0)) await memory.close();
  });
  afterAll(async () => {
    await folder.remove();
    await database.drop();
  });

  it('adds, reads, migrates, analyses, finds, corrects and forgets; every process sees it', async () => {
    const one = await open();
    const said = [
      'I moved to Lisbon in May and work as a carpenter.',
      'My sister Ines plays the cello in an orchestra.',
      'I am allergic to walnuts.',
      'We talked about the garden and the old pear tree.',
      'The bicycle needs a new chain before the tour.',
      'I cooked a risotto with saffron yesterday.',
      'My daughter starts school in September.',
      'The heating was repaired on Monday.',
    ];
    const results = [];
    for (const userInput of said) {
      results.push(await one.add({ userInput, agentResponse: 'Noted.' }));
    }
    expect(results.at(-1)?.short_term_count).toBeGreaterThan(0);
    await one.flush({ shortTerm: true });
    const stats = await one.stats();
    expect(stats.short_term.pages).toBe(0);
    expect(stats.mid_term.pages).toBe(said.length);

    const two = await open();
    const found = await two.retrieve({ query: 'What instrument does Ines play?' });
    expect(found.retrieved_pages[0]?.user_input).toBe(said[1]);
    const profile = await two.profile();
    const known = (profile.user_knowledge ?? []).map(({ knowledge }) => knowledge).join(' ');
    expect(known).toMatch(/walnuts/);
    expect((await two.timeline({ text: 'RISOTTO' })).exchanges.map((page) => page.user_input)).toEqual([
      said[5],
    ]);

    const allergy = (profile.user_knowledge ?? []).find(({ knowledge }) => /walnuts/.test(knowledge));
    await two.update({
      factId: allergy?.fact_id as never,
      knowledge: 'The user is allergic to hazelnuts.',
    });
    expect((await one.profile()).user_knowledge?.map(({ knowledge }) => knowledge)).toContain(
      'The user is allergic to hazelnuts.',
    );

    const cello = results[1]?.page_id as never;
    const forgotten = await one.forget({ pageIds: [cello], confirm: true });
    expect(forgotten.pages).toHaveLength(1);
    const after = await two.retrieve({ query: 'What instrument does Ines play?' });
    expect(JSON.stringify(after)).not.toMatch(/cello/);
    const [left] = await database.run(
      `select count(*)::int as rows from memoryos.pages p where p.page like '%cello%'`,
    );
    expect(left).toEqual({ rows: 0 });
  });

  it('evicts into the archive, and forgets there, too', async () => {
    const memory = await createMemory({
      store: 'postgres',
      database_url: database.url,
      data_storage_path: folder.folder,
      user_id: 'bob',
      short_term_capacity: 1,
      mid_term_capacity: 1,
      mid_term_similarity_threshold: 2,
      embedding_model_name: 'words',
    });
    opened.push(memory);
    const topics = [
      'The submarine dived below the ice.',
      'Grandmother knitted a green pullover.',
      'Tax returns are due in July.',
    ];
    const added = [];
    for (const userInput of topics) added.push(await memory.add({ userInput }));
    await memory.flush({ shortTerm: true });
    const { archive } = await memory.stats();
    expect(archive.pages).toBeGreaterThan(0);
    const ids = added.map(({ page_id }) => page_id as never);
    const forgotten = await memory.forget({ pageIds: ids, confirm: true });
    expect(forgotten.pages).toHaveLength(3);
    expect((await memory.stats()).archive.pages).toBe(0);
    const rows = await database.run(`select entry from memoryos.archive where user_id = 'bob'`);
    expect(JSON.stringify(rows)).not.toMatch(/submarine|pullover|Tax/);
  });

  it('is processed by any server, even if the user never returns', async () => {
    const config = {
      store: 'postgres' as const,
      database_url: database.url,
      data_storage_path: folder.folder,
      short_term_capacity: 2,
      embedding_model_name: 'words',
    };
    const gone = await createMemory({ ...config, user_id: 'erin', background_work: false });
    for (let i = 0; i < 5; i++) await gone.add({ userInput: `I have ${i + 2} cousins in Ghent.` });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const unread = `select count(*)::int as unread from memoryos.pages where user_id = 'erin' and not read`;
    expect(await database.run(unread)).toEqual([{ unread: 5 }]);
    await gone.close();
    const { config: loaded } = loadConfig({ withoutFile: true, keys: config, env: {} });
    const report = () => undefined;
    const factory = createEngineFactory(loaded, report);
    const erin = toUserId('erin');
    const engines: MemoryEngine[] = [];
    const ending = new AbortController();
    const working = doDueWork(
      {
        due: (nowMs, limit) => factory.due(nowMs, limit),
        engineOf: (userId) => ({
          async flush(options) {
            const engine = await factory.open(userId);
            engines.push(engine);
            await engine.flush(options);
            await engine.close();
          },
        }),
        graceMs: 0,
        checkEveryMs: 50,
        report,
      },
      ending.signal,
    );
    const waiting = `select (select count(*)::int from memoryos.pages where user_id = 'erin' and (not read or segment_id is null)) as waiting,
        (select work_at is null from memoryos.memories where user_id = 'erin') as rests`;
    await expect.poll(async () => (await database.run(waiting))[0]).toEqual({ waiting: 2, rests: true });
    expect(await factory.due(Date.now() + 60_000, 9)).not.toContain(erin);
    ending.abort();
    await working;
    expect(engines.length).toBeGreaterThan(0);
  });

  it('keeps users apart', async () => {
    const carol = await open('carol');
    await carol.add({ userInput: 'My secret hobby is falconry.' });
    const dave = await open('dave');
    const found = await dave.retrieve({ query: 'secret hobby falconry', relevanceMin: 0 });
    expect(JSON.stringify(found.retrieved_pages)).not.toMatch(/falconry/);
    expect(found.short_term_memory).toEqual([]);
  });
});
