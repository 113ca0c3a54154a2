import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createInMemoryStore } from '../../../../src/adapters/in-memory/in-memory-store.js';
import { traitsFrom } from '../../../../src/adapters/python-memory/profile.js';
import {
  type PythonMemory,
  type PythonMemoryOptions,
  readPythonMemory,
} from '../../../../src/adapters/python-memory/python-memory.js';
import type { PythonNotes } from '../../../../src/adapters/python-memory/report.js';
import { pythonTimes } from '../../../../src/adapters/python-memory/times.js';
import { importPython } from '../../../../src/app/transfer/import-python.js';
import { Redactor } from '../../../../src/engine/redactor.js';
import { toAssistantId, toUserId } from '../../../../src/model/ids.js';
import type { Page } from '../../../../src/model/page.js';
import { transferLineSchema } from '../../../../src/model/transfer.js';
import { snapshot } from '../../../conformance/memory-store.js';
import { makeFolder } from '../../../support/folders.js';
import { stored } from '../../../support/on-store.js';

const sample = 'tests/support/python-memoryos';
const options: PythonMemoryOptions = {
  assistantId: toAssistantId('default_assistant_profile'),
  zone: 'UTC',
  keepAnalysed: false,
  sharedAssistants: false,
};

let folder: string;
let user: string;
let remove: () => Promise<void>;

beforeEach(async () => {
  ({ folder, remove } = await makeFolder());
  cpSync(sample, folder, { recursive: true });
  user = join(folder, 'users', 'jana_fan');
});
afterEach(() => remove());

const read = (change: Partial<PythonMemoryOptions> = {}, from = folder) =>
  readPythonMemory(from, { ...options, ...change });

function change(file: string, edit: (text: string) => string): void {
  const path = join(user, file);
  writeFileSync(path, edit(readFileSync(path, 'utf8')));
}

const pagesOf = (memory: PythonMemory) =>
  memory.records.flatMap((record) => (record.kind === 'page' ? [record] : []));
const pageWith = (memory: PythonMemory, text: string): Page => {
  const found = pagesOf(memory).filter(({ page }) => page.user_input.includes(text));
  expect(found).toHaveLength(1);
  const [first] = found;
  if (first === undefined) throw new Error('There is no such page.');
  return first.page;
};
const factsOf = (memory: PythonMemory) =>
  memory.records.flatMap((record) => (record.kind === 'fact' ? [record.fact] : []));
const traitsOf = (memory: PythonMemory) =>
  memory.records.flatMap((record) => (record.kind === 'trait' ? [record.trait] : []));
const segmentsOf = (memory: PythonMemory) =>
  memory.records.flatMap((record) => (record.kind === 'segment' ? [record.segment] : []));
const leftOut = (memory: PythonMemory) =>
  memory.report.notTaken.map(({ where, reason }) => `${where}: ${reason}`);

describe('a memory of the Python MemoryOS', () => {
  it('is read as records of this program', async () => {
    const memory = await read();
    expect(memory.user).toBe('jana_fan');
    for (const record of memory.records) expect(() => transferLineSchema.parse(record)).not.toThrow();
    expect(pagesOf(memory)).toHaveLength(8);
    expect(segmentsOf(memory).map(({ theme, n_visit }) => [theme, n_visit])).toEqual([
      ['tomatoes, basil, slugs', 3],
      ['job, planetarium, lyon', 1],
    ]);
  });

  it('has each page once, in the session that fits best', async () => {
    const memory = await read();
    const [garden, job] = segmentsOf(memory);
    const placed = pagesOf(memory).map(({ segment_id, page }) => [segment_id, page.user_input.slice(0, 12)]);
    expect(placed).toEqual([
      [garden?.id, 'I finally pl'],
      [garden?.id, 'Something is'],
      [job?.id, 'I have a job'],
      [job?.id, 'They offered'],
      [job?.id, 'My contract '],
      [null, 'Moving day i'],
      [null, ''],
      [null, 'Danke! Übrig'],
    ]);
    expect(memory.report.copiesMerged).toBe(6);
  });

  it('keeps dialogue chains and their summaries, but no error messages', async () => {
    const memory = await read();
    const tomatoes = pageWith(memory, 'planted the tomatoes');
    const slugs = pageWith(memory, 'eating the basil');
    const interview = pageWith(memory, 'interview');
    expect(slugs.chain_id).toBe(tomatoes.chain_id);
    expect(interview.chain_id).not.toBe(tomatoes.chain_id);
    expect(pageWith(memory, '35 hours').chain_id).toBe(pageWith(memory, 'offered me').chain_id);
    expect(tomatoes.meta_info).toBe(
      'The user planted tomatoes and basil, then asked about slugs eating the basil.',
    );
    expect(interview.meta_info).toBe('');
    expect(leftOut(memory)).toContainEqual(
      expect.stringMatching(/details\[2\] meta_info: is an error message/),
    );
    expect(tomatoes.id < slugs.id).toBe(true);
    expect(memory.lastMigrated).toBe(pageWith(memory, '35 hours').id);
  });

  it('reads facts once and without list marks, and reports entries that are not facts', async () => {
    const memory = await read();
    expect(factsOf(memory).map(({ assistant_id, knowledge }) => [assistant_id, knowledge])).toEqual([
      [null, 'Grows vegetables: tomatoes and basil in a raised bed (2025-04-12)'],
      [null, 'New job: planetarium in Lyon, from June 2025'],
      ['default_assistant_profile', 'Assistant recommended copper tape against slugs on 2025-04-12'],
      ['default_assistant_profile', 'Assistant offered interview practice on 2025-04-13'],
    ]);
    expect(leftOut(memory)).toEqual(
      expect.arrayContaining([
        'long_term_user.json knowledge_base[1]: is a heading',
        'long_term_user.json knowledge_base[4]: says nothing',
      ]),
    );
  });

  it('reads traits with a level from the profile, and reports the other lines', async () => {
    const memory = await read();
    expect(traitsOf(memory).map(({ dimension, level, reason }) => [dimension, level, reason])).toEqual([
      ['Openness', 'High', 'Changes city and profession with enthusiasm.'],
      ['Need for Order', 'Medium', 'Plans the move in lists.'],
      ['Science Interest', 'High', 'applied at the planetarium and runs astronomy projects (2025-04-13).'],
      ['Food Interest', 'Low', 'mentions basil only as a plant.'],
    ]);
    const rest = memory.report.notTaken.find(({ where }) => where.includes('user_profiles'));
    expect(rest?.content).toContain('Conscientiousness ( High/Medium/Low )');
    expect(rest?.content).toContain('The user is a friendly person');
  });

  it('is analysed again, unless the marks of the Python server are trusted', async () => {
    expect(pagesOf(await read()).some(({ page }) => page.analysed)).toBe(false);
    const trusted = await read({ keepAnalysed: true });
    expect(pagesOf(trusted).filter(({ page }) => page.analysed)).toHaveLength(3);
  });

  it('loses nothing silently: every text is imported or in the report', async () => {
    const extra = { topic: 'move', mood: 3 };
    change('short_term.json', (text) =>
      JSON.stringify([
        ...JSON.parse(text),
        { user_input: 'odd time', agent_response: '', timestamp: '1:56 pm on 8 May, 2025', ...extra },
        { user_input: ' ', agent_response: '', timestamp: '2025-05-04 00:00:00' },
        { user_input: 42, agent_response: 'forty-two' },
        'a bare text',
      ]),
    );
    change('mid_term.json', (text) => {
      const value = JSON.parse(text);
      value.sessions.session_bad = 'not an object';
      value.sessions.session_nodetails = { summary: 'A lonely summary', details: null };
      return JSON.stringify(value);
    });
    const memory = await read();
    const odd = pageWith(memory, 'odd time');
    expect(odd.meta_data).toEqual({ ...extra, python_timestamp: '1:56 pm on 8 May, 2025' });
    expect(odd.timestamp).toBe('2025-05-03T08:05:30.000Z');
    expect(memory.report.notes).toContainEqual(
      expect.stringMatching(/short_term\.json\[3\]: no time was found in/),
    );
    expect(leftOut(memory)).toEqual(
      expect.arrayContaining([
        'short_term.json[4]: both sides are empty',
        'short_term.json[5]: is not an exchange of texts',
        'short_term.json[6]: is not an exchange of texts',
        'mid_term.json session session_bad: is not an object',
        'mid_term.json session session_nodetails: holds no page',
      ]),
    );
    expect(JSON.stringify(memory.report)).toContain('A lonely summary');
    expect(JSON.stringify(memory.report)).toContain('forty-two');
  });

  it('is read as far as possible when it is damaged', async () => {
    change('mid_term.json', (text) => text.slice(0, text.indexOf('They offered') + 20));
    change('short_term.json', (text) => text.replace('"2025-05-02 10:00:00"', 'NaN'));
    change('long_term_user.json', () => '\u0000\u0001 binary');
    const memory = await read();
    expect(pageWith(memory, 'planted the tomatoes').user_input).toContain('raised bed');
    expect(memory.report.notes).toContainEqual(expect.stringMatching(/mid_term\.json is damaged/));
    expect(memory.report.notes).toContainEqual(expect.stringMatching(/short_term\.json is damaged/));
    expect(pagesOf(memory).filter(({ segment_id }) => segment_id === null)).toHaveLength(3);
    const isNamed = [...leftOut(memory), ...memory.report.notes].some((text) =>
      text.includes('long_term_user.json'),
    );
    expect(isNamed).toBe(true);
  });

  it('splits sessions that are larger than a segment', async () => {
    change('mid_term.json', (text) => {
      const value = JSON.parse(text);
      const [session] = Object.values<{ details: Record<string, unknown>[] }>(value.sessions);
      for (let index = 0; index < 150; index += 1) {
        const page = {
          user_input: `tomato ${index}`,
          agent_response: 'yes',
          timestamp: '2025-04-13 00:00:00',
        };
        session?.details.push({ ...page, page_id: `page_x${index}` });
      }
      return JSON.stringify(value);
    });
    const memory = await read();
    const [first] = segmentsOf(memory);
    const parts = segmentsOf(memory).filter(({ theme }) => theme === first?.theme);
    expect(parts).toHaveLength(3);
    const inParts = pagesOf(memory).filter(({ segment_id }) => parts.some(({ id }) => id === segment_id));
    expect(inParts.map(({ page }) => page.user_input).slice(2)).toEqual(
      Array.from({ length: 150 }, (_, index) => `tomato ${index}`),
    );
    const ids = inParts.slice(2).map(({ page }) => page.id);
    expect([...ids].sort()).toEqual(ids);
  });

  it('is found by its data folder or its user folder; other folders are refused', async () => {
    expect((await read({}, user)).records).toEqual((await read()).records);
    await expect(read({ user: 'nobody' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(read({}, join(folder, 'no'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(read({}, join(folder, 'assistants'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    mkdirSync(join(user, 'mid_term'));
    await expect(read()).rejects.toThrow(/memory of this program/);
  });

  it('of several users is read for one of them, without knowledge shared by all unless requested', async () => {
    cpSync(user, join(folder, 'users', 'max'), { recursive: true });
    await expect(read()).rejects.toThrow(/2 users \(jana_fan, max\).*--from-user/);
    const memory = await read({ user: 'max' });
    expect(factsOf(memory).map(({ assistant_id }) => assistant_id)).toEqual([null, null]);
    expect(leftOut(memory)).toContainEqual(expect.stringMatching(/assistants\/.*shared by 2 users/));
    const all = await read({ user: 'max', sharedAssistants: true });
    expect(factsOf(all)).toHaveLength(4);
  });

  it('imported twice changes nothing, also when pages have moved on in the Python server', async () => {
    const store = await createInMemoryStore().open(toUserId('alice'));
    const run = () =>
      importPython(stored(store), folder, { ...options, redactor: new Redactor(true), dryRun: false });
    expect((await run()).counts).toEqual({
      pages: 8,
      segments: 2,
      facts: 4,
      traits: 4,
      known: 0,
      forgotten: 0,
    });
    const before = structuredClone(snapshot(store.state));
    expect((await run()).counts.pages).toBe(0);
    expect(snapshot(store.state)).toEqual(before);
    const [first] = JSON.parse(readFileSync(join(user, 'short_term.json'), 'utf8'));
    change('short_term.json', (text) => JSON.stringify(JSON.parse(text).slice(1)));
    change('mid_term.json', (text) => {
      const value = JSON.parse(text);
      value.sessions.session_ee55ff66.details.push({ ...first, page_id: 'page_moved', meta_info: 'moving' });
      return JSON.stringify(value);
    });
    expect((await run()).counts.pages).toBe(0);
    expect(snapshot(store.state)).toEqual(before);
  });
});

describe('times of the Python server', () => {
  const at = (zone: string, text: unknown) => {
    const ms = pythonTimes(zone)(text);
    return ms === null ? null : new Date(ms).toISOString();
  };

  it('are in the named zone, with daylight saving time', () => {
    expect(at('UTC', '2025-04-12 09:14:03')).toBe('2025-04-12T09:14:03.000Z');
    expect(at('+02:00', '2025-04-12 09:14:03')).toBe('2025-04-12T07:14:03.000Z');
    expect(at('-0530', '2025-04-12 09:14:03')).toBe('2025-04-12T14:44:03.000Z');
    expect(at('Europe/Berlin', '2025-04-12 09:14:03')).toBe('2025-04-12T07:14:03.000Z');
    expect(at('Europe/Berlin', '2025-01-12 09:14:03')).toBe('2025-01-12T08:14:03.000Z');
    expect(at('America/New_York', '2025-03-09 03:30:00')).toBe('2025-03-09T07:30:00.000Z');
    expect(at('Asia/Kolkata', '2025-03-09 00:00:00.250')).toBe('2025-03-08T18:30:00.250Z');
  });

  it('with their own zone keep it', () => {
    expect(at('Europe/Berlin', '2025-04-12T09:14:03Z')).toBe('2025-04-12T09:14:03.000Z');
    expect(at('UTC', '2025-04-12T09:14:03.123456+02:00')).toBe('2025-04-12T07:14:03.123Z');
    expect(at('UTC', '2025-04-12')).toBe('2025-04-12T00:00:00.000Z');
  });

  it('are refused when they are not times', () => {
    for (const text of ['', 'yesterday', '2025-02-30 00:00:00', '2025-01-01 25:00:00', 12, null, undefined]) {
      expect(at('UTC', text)).toBeNull();
    }
    expect(() => pythonTimes('Mars/Olympus')).toThrow(/not a time zone/);
  });
});

describe('a profile text', () => {
  const traits = (text: string) => {
    const notes: PythonNotes = { copiesMerged: 0, notes: [], notTaken: [] };
    const found = traitsFrom(text, '2025-01-01T00:00:00.000Z', 'profile', notes);
    return { found: found.map(({ dimension, level, reason }) => `${dimension}=${level}: ${reason}`), notes };
  };

  it('reads traits in every form that the prompt produces', () => {
    expect(
      traits(
        [
          'Extraversion ( High ) - goes out a lot',
          '* **Openness**: Medium – tries new food',
          '3. Need for Autonomy: Level: Low, asks before deciding',
          '- **Tech Interest (Level: High)**: builds robots',
          '【Art Interest】(Low)',
          '   - Reason: never mentions it',
        ].join('\n'),
      ).found,
    ).toEqual([
      'Extraversion=High: goes out a lot',
      'Openness=Medium: tries new food',
      'Need for Autonomy=Low: asks before deciding',
      'Tech Interest=High: builds robots',
      'Art Interest=Low: never mentions it',
    ]);
  });

  it('reads no trait when the level is unclear, the dimension unknown, or a model had failed', () => {
    expect(
      traits('Openness: Medium to High, varies\nBravery: High\nOpenness is High on some days').found,
    ).toEqual([]);
    expect(traits('None').notes.notTaken).toEqual([]);
    const failed = traits('Error: Could not get response from LLM.');
    expect(failed.found).toEqual([]);
    expect(failed.notes.notTaken).toHaveLength(1);
  });
});

describe('pages of the same time', () => {
  it('keep the order of their chain, whatever their order in the files', async () => {
    const timestamp = '2025-05-01 10:00:00';
    const page = (id: number, before: number | null, after: number | null) => ({
      page_id: `page_${id}`,
      user_input: `step ${id} of the recipe`,
      agent_response: 'Done.',
      timestamp,
      pre_page: before === null ? null : `page_${before}`,
      next_page: after === null ? null : `page_${after}`,
    });
    // The chain is 1 -> 2 -> 3 -> 4. Each pair has at least one of its two links.
    const details = [page(3, 2, null), page(4, 3, null), page(1, null, 2), page(2, null, 3)];
    const session = { summary: 'recipe', summary_keywords: ['recipe'], timestamp, N_visit: 0, details };
    change('mid_term.json', () => JSON.stringify({ sessions: { one: session } }));
    change('short_term.json', () => '[]');
    const found = pagesOf(await read()).map((record) => record.page);
    expect(found.map((one) => one.user_input.slice(5, 6))).toEqual(['1', '2', '3', '4']);
    expect(found.map(({ id }) => id)).toEqual(found.map(({ id }) => id).sort());
    expect(new Set(found.map(({ chain_id }) => chain_id)).size).toBe(1);
  });

  it('are all read when their links form a circle, and when the chain is long', async () => {
    const timestamp = '2025-05-01 10:00:00';
    const count = 5000;
    const details = Array.from({ length: count }, (_, i) => ({
      page_id: `page_${i}`,
      user_input: `turn ${i}`,
      agent_response: '',
      timestamp,
      pre_page: `page_${(i + 1) % count}`,
    }));
    const session = { summary: 'turns', summary_keywords: [], timestamp, details };
    change('mid_term.json', () => JSON.stringify({ sessions: { one: session } }));
    change('short_term.json', () => '[]');
    expect(pagesOf(await read())).toHaveLength(count);
  });
});

describe('a memory of the ChromaDB variant', () => {
  const metadata = {
    mid_term_sessions: {
      s1: {
        id: 's1',
        summary: 'The user plants tomatoes.',
        summary_keywords: ['tomatoes'],
        N_visit: 2,
        timestamp: '2025-04-12 09:00:00',
        last_visit_time: '2025-04-12 09:00:00',
        pages_backup: [
          {
            page_id: 'p1',
            user_input: 'I planted the tomatoes.',
            agent_response: 'Good.',
            timestamp: '2025-04-12 09:00:00',
            pre_page: '',
            next_page: '',
            meta_info: 'The user planted tomatoes.',
          },
        ],
      },
    },
    short_term_memory: [
      {
        user_id: 'jana_fan',
        user_input: 'It rains.',
        agent_response: 'Good for them.',
        timestamp: '2025-04-13 09:00:00',
      },
    ],
    user_profiles: {
      jana_fan: { data: 'Openness ( High ): tries new things', last_updated: '2025-04-13 09:00:00' },
    },
  };
  const storage = () => join(folder, 'chroma', 'chroma_storage');
  const write = (owner: string) => {
    mkdirSync(storage(), { recursive: true });
    writeFileSync(join(storage(), `metadata_${owner}.json`), JSON.stringify(metadata));
    writeFileSync(join(storage(), 'chroma.sqlite3'), 'SQLite format 3');
  };

  it('is recognised, and its JSON file is imported', async () => {
    write('jana_fan_default_assistant_profile');
    for (const place of [join(folder, 'chroma'), storage()]) {
      const memory = await read({}, place);
      expect(memory.user).toBe('jana_fan');
      expect(memory.report.notes.join()).toContain('ChromaDB variant');
      expect(leftOut(memory)).toContainEqual(expect.stringMatching(/^chroma\.sqlite3: holds user_knowledge/));
      expect(pagesOf(memory).map(({ page }) => [page.user_input, page.meta_info, page.meta_data])).toEqual([
        ['I planted the tomatoes.', 'The user planted tomatoes.', {}],
        ['It rains.', '', {}],
      ]);
      expect(segmentsOf(memory)).toMatchObject([{ summary: 'The user plants tomatoes.', n_visit: 2 }]);
      expect(traitsOf(memory)).toHaveLength(1);
      for (const record of memory.records) expect(() => transferLineSchema.parse(record)).not.toThrow();
    }
  });

  it('of several users or assistants requires a choice by name', async () => {
    write('jana_fan_default_assistant_profile');
    write('max_butler');
    await expect(read({}, storage())).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringMatching(/ChromaDB variant.*max_butler.*--from-user/),
    });
    expect((await read({ user: 'max' }, storage())).user).toBe('max');
    expect((await read({ user: 'jana_fan_default_assistant_profile' }, storage())).user).toBe('jana_fan');
    await expect(read({ user: 'eve' }, storage())).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
