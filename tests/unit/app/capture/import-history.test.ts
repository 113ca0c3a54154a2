import { cp, mkdtemp, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createInMemoryStore } from '../../../../src/adapters/in-memory/in-memory-store.js';
import { findHistory, historySources, importHistory } from '../../../../src/app/capture/import-history.js';
import { timeOf } from '../../../../src/capture/histories/gemini-html.js';
import { importCommand } from '../../../../src/cli/commands/import.js';
import { Redactor } from '../../../../src/engine/redactor.js';
import { toAssistantId, toUserId } from '../../../../src/model/ids.js';
import type { UserStore } from '../../../../src/ports/memory-store.js';
import { stored } from '../../../support/on-store.js';

const samples = path.resolve('tests/fixtures/histories');
// Some sources take the time of the file, which is the time when the repository was cloned.
const nowMs = Math.max(Date.now(), Date.parse('2026-11-28T12:00:00Z'));

let store: UserStore;
let folder: string;
beforeEach(async () => {
  store = await createInMemoryStore().open(toUserId('dana'));
  folder = await mkdtemp(path.join(tmpdir(), 'history-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function take(source: string, dryRun = false, from?: string) {
  const found = await findHistory(source, from);
  if (found === null) throw new Error(`no history in ${source}`);
  const redactor = new Redactor(true);
  const options = { assistantId: toAssistantId('helper'), dryRun, nowMs, timeZone: 'UTC', redactor };
  return { source: found.history.source, ...(await importHistory(stored(store), found, options)) };
}

const pages = () =>
  [...store.state.segments.values()]
    .flatMap((segment) => segment.pages)
    .sort((a, b) => a.timestamp.localeCompare(b.timestamp, 'en'));
const said = () =>
  pages().map(({ timestamp, user_input, agent_response }) => [timestamp, user_input, agent_response]);

describe('the sample of each source', () => {
  it.each(historySources)(
    'of %s is known by itself, and changes nothing when it is read again',
    async (source) => {
      const dry = await take(path.join(samples, source), true);
      expect(dry.source).toBe(source);
      expect(pages()).toEqual([]);
      expect(dry.sample.length).toBe(Math.min(10, dry.counts.pages));
      const first = await take(path.join(samples, source));
      expect(first.counts).toEqual(dry.counts);
      expect(pages()).toHaveLength(first.counts.pages);
      expect(first.counts.pages).toBeGreaterThan(0);
      const again = await take(path.join(samples, source));
      expect(again.counts).toMatchObject({ pages: 0, segments: 0, facts: 0 });
      expect(again.counts.known).toBe(first.counts.pages + first.counts.facts);
    },
  );
});

it('the help of the command names every source', () => {
  const { description } = importCommand().options.find(({ long }) => long === '--from') ?? {};
  const [, named = ''] = /: ([^:]*)$/.exec(description ?? '') ?? [];
  expect(named.split(', ').toSorted()).toEqual([...historySources].toSorted());
});

it('imports every message of ChatGPT, also from other branches, with the chosen answer', async () => {
  const { leftOut, examples } = await take(path.join(samples, 'chatgpt'));
  expect(said()).toEqual([
    [
      '2025-03-01T10:00:00.500Z',
      'My beans have yellow leaves. What is wrong?',
      'Most likely they lack iron; check whether the soil drains.',
    ],
    ['2025-03-01T10:01:40.000Z', 'How often shold I water?', 'Twice a week.'],
    [
      '2025-03-01T10:03:20.000Z',
      'How often should I water them in a pot on a south balcony?',
      'Daily in summer, best in the morning.',
    ],
    ['2025-03-01T10:05:00.000Z', 'And what about feeding?', 'Every two weeks.'],
  ]);
  expect(Object.fromEntries(leftOut)).toEqual({
    'another answer to the same message': 1,
    'a conversation has an unknown format': 1,
  });
  expect(examples.map(({ content }) => content)).toContain('It may be a virus.');
  const [segment] = store.state.segments.values();
  expect(segment?.head).toMatchObject({
    theme: 'Yellow bean leaves',
    created_at: '2025-03-01T10:00:00.500Z',
  });
});

it('imports conversations of Claude with their zones, and reports skipped files', async () => {
  const { leftOut } = await take(path.join(samples, 'claude', 'conversations.json'));
  expect(said()).toEqual([
    [
      '2025-05-02T08:00:10.123Z',
      'We leave on Friday with two bikes.',
      'Then book the train places for bikes today.',
    ],
    ['2025-05-02T08:30:00.000Z', 'Done.', ''],
  ]);
  expect(Object.fromEntries(leftOut)).toEqual({ 'an attached file': 1 });
});

it('imports the prompts of Gemini, oldest first', async () => {
  await take(path.join(samples, 'gemini'));
  expect(said()).toEqual([
    ['2025-06-10T18:20:00.000Z', 'I sleep badly in tents.', 'Try earplugs.'],
    [
      '2025-06-11T18:20:00.000Z',
      'Which knot holds a hammock?',
      'Use a bowline & two half hitches.\nCheck it twice',
    ],
  ]);
});

it('imports the HTML page of Gemini, too, and no exchange of both files twice', async () => {
  const { leftOut, sample } = await take(path.join(samples, 'gemini-page'));
  expect(said()).toEqual([
    ['2025-06-10T18:20:00.000Z', 'I sleep badly\nin tents.', 'Try earplugs.'],
    [
      '2025-06-11T18:20:00.000Z',
      'Which knot holds a hammock?',
      'Use a bowline & two half hitches.\nCheck it twice',
    ],
  ]);
  expect(sample).toHaveLength(2);
  expect(Object.fromEntries(leftOut)).toEqual({
    'an activity without an answer': 1,
    'a time in an unknown format; export the activity as JSON': 1,
  });
  expect((await take(path.join(samples, 'gemini'))).counts).toMatchObject({ pages: 1, known: 1 });
});

it.each([
  ['Jun 11, 2025, 8:20:00 PM CEST', '2025-06-11T18:20:00.000Z'],
  ['Jan 1, 2025, 12:05:09 AM PST', '2025-01-01T08:05:09.000Z'],
  ['11.06.2025, 20:20:00 MESZ', '2025-06-11T18:20:00.000Z'],
  ['2025/06/11 20:20:00 JST', '2025-06-11T11:20:00.000Z'],
  ['Jun 11, 2025, 8:20:00 PM GMT+05:30', '2025-06-11T14:50:00.000Z'],
  ['Jun 11, 2025, 8:20:00 PM IST', null],
  ['8:20:00', null],
])('reads the time %s of the page', (text, time) => {
  expect(timeOf(text)).toBe(time);
});

it('keeps the order of messages with the same time', async () => {
  const message = (id: string, parent: string | null, role: string, text: string) => ({
    id,
    parent,
    message: {
      author: { role },
      create_time: 1_740_823_200,
      content: { content_type: 'text', parts: [text] },
    },
  });
  const nodes = Array.from({ length: 6 }, (_, i) => [
    message(`u${i}`, i === 0 ? null : `a${i - 1}`, 'user', `Question ${i}?`),
    message(`a${i}`, `u${i}`, 'assistant', `Answer ${i}.`),
  ]).flat();
  const mapping = Object.fromEntries(nodes.reverse().map((node) => [node.id, node]));
  const file = path.join(folder, 'conversations.json');
  await writeFile(
    file,
    JSON.stringify([{ conversation_id: 'c', title: 'Same', mapping, current_node: 'a5' }]),
  );
  await take(file);
  const [segment] = store.state.segments.values();
  expect(segment?.pages.map(({ user_input }) => user_input)).toEqual(
    [0, 1, 2, 3, 4, 5].map((i) => `Question ${i}?`),
  );
});

it('imports transcripts with their projects, up to where they are cut off', async () => {
  const { leftOut } = await take(path.join(samples, 'claude-code'));
  await take(path.join(samples, 'codex'));
  expect(said()).toEqual([
    ['2026-11-20T09:12:44.000Z', 'Rename the irrigation table', 'Renamed it to watering.'],
    ['2026-11-20T09:12:46.000Z', 'Which port does the dev server use?', 'It uses port 4173.'],
    ['2026-11-20T09:15:00.000Z', 'We deploy on Thursdays, never on Fridays.', 'Understood.'],
    ['2026-11-21T08:00:03.500Z', 'Our logs go to Loki in staging.', 'I will look there.'],
  ]);
  expect(new Set(pages().map(({ meta_data }) => meta_data.project))).toEqual(new Set(['orchard']));
  expect(Object.fromEntries(leftOut)).toEqual({ 'a line is not JSON': 1 });
});

it('says which transcripts have no exchange in a known form', async () => {
  const file = path.join(folder, 'rollout-2026-11-22.jsonl');
  const meta = { type: 'session_meta', payload: { id: 's', cwd: '/home/dana/orchard' } };
  const unknown = { type: 'event_msg', payload: { type: 'spoken', words: 'Which port?' } };
  await writeFile(file, `${JSON.stringify(meta)}\n${JSON.stringify(unknown)}\n`);
  const { leftOut } = await take(file);
  expect(said()).toEqual([]);
  expect(Object.fromEntries(leftOut)).toEqual({ 'a transcript has no exchange in a known form': 1 });
});

it("makes facts of other memories' facts, each with a page that contains its words", async () => {
  const file = path.join(folder, 'memory.jsonl');
  await cp(path.join(samples, 'server-memory', 'memory.jsonl'), file);
  await utimes(file, new Date('2025-01-05'), new Date('2025-01-05'));
  await take(file);
  await take(path.join(samples, 'mem0'));
  const byId = new Map(pages().map((page) => [page.id, page]));
  const facts = store.state.userKnowledge.map(({ knowledge, timestamp, page_ids: [id] }) => {
    expect(id && byId.get(id)?.user_input).toContain(knowledge);
    return [knowledge, timestamp];
  });
  expect(facts).toEqual([
    ['Mira: keeps bees on the roof', '2025-01-05T00:00:00.000Z'],
    ['Mira speaks Finnish', '2025-01-05T00:00:00.000Z'],
    ['Mira works at Lumen', '2025-01-05T00:00:00.000Z'],
    ['Likes to hike on Sundays', '2025-07-20T07:30:36.938Z'],
  ]);
});

it('imports notes with the time of their front matter, and SQLite memories that are not deleted', async () => {
  await take(path.join(samples, 'markdown'));
  expect(said()).toContainEqual([
    '2025-03-01T09:00:00.000Z',
    '# Beans\n\n- [fact] Sown on the first of May #beans\n- relates_to [[Watering]]',
    '',
  ]);
  const { leftOut } = await take(path.join(samples, 'mcp-memory-service'));
  expect(said()).toContainEqual([
    '2025-05-14T10:14:56.250Z',
    'The staging database is refreshed every Monday\n(ops, staging)',
    '',
  ]);
  expect(Object.fromEntries(leftOut)).toEqual({ 'a memory was deleted in the source': 1 });
});

it('imports the readable part of a damaged export, and reports where it ends', async () => {
  const file = path.join(folder, 'conversations.json');
  await cp(path.join(samples, 'chatgpt', 'conversations.json'), file);
  const text = await readFile(file, 'utf8');
  await truncate(file, Buffer.byteLength(text) - 20);
  const cut = await take(file);
  expect(cut.counts.pages).toBe(4);
  expect([...cut.leftOut.keys()]).toContain('the file ends too early');
  await writeFile(file, `${text.slice(0, -30)}"%%%`);
  expect([...(await take(file)).leftOut.keys()]).toContain('the file is damaged here');
});

it('continues an interrupted import, and adds only new exchanges', async () => {
  const file = path.join(folder, '11111111-2222-3333-4444-555555555555.jsonl');
  const lines = (await readFile(path.join(samples, 'claude-code', path.basename(file)), 'utf8')).split('\n');
  await writeFile(file, `${lines.slice(0, 5).join('\n')}\n`);
  expect((await take(file)).counts.pages).toBe(1);
  await writeFile(file, `${lines.slice(0, 7).join('\n')}\n`);
  expect((await take(file)).counts).toMatchObject({ pages: 1, known: 1 });
});

it('refuses a packed archive and an unknown program', async () => {
  await writeFile(path.join(folder, 'export.zip'), 'PK\u0003\u0004rest');
  await expect(findHistory(path.join(folder, 'export.zip'), undefined)).rejects.toThrow('Unpack it');
  await expect(findHistory(folder, 'lotus')).rejects.toThrow('--from takes one of chatgpt');
  await expect(findHistory(path.join(folder, 'gone'), undefined)).rejects.toThrow('There is no');
});
