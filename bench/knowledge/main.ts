import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { type LocomoConversation, parseLocomo } from '../../src/cli/demo/locomo.js';
import type { Fact } from '../../src/model/knowledge.js';
import { factsAfter, type Turn } from './memory.js';
import { type Statements, statementsSchema, talkSchema } from './statements.js';

const help = `Measures what becomes known from single exchanges, without a key and without heat.

  npm run bench:knowledge -- --statements ../shared/data/statements/dev.json [--statements FILE …] [options]

  --assistant FILE a conversation with an assistant: the share of what a careful reader would keep that is kept, and what
                   is kept beside it; may be given several times
  --talk FILE      a file of conversations (LoCoMo's shape): facts a page, time a page, and the share of the questions
                   of categories 1 to 4 whose answer stands in a current fact; may be given several times
  --sample FILE    write facts of these conversations with their quotes and exchanges, to be read and judged by hand
  --seed TEXT      which facts are drawn (default: 1)
  --size N         how many facts are drawn (default: 200)
`;

const { values } = parseArgs({
  options: {
    statements: { type: 'string', multiple: true, default: [] },
    assistant: { type: 'string', multiple: true, default: [] },
    talk: { type: 'string', multiple: true, default: [] },
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    size: { type: 'string', default: '200' },
    help: { type: 'boolean' },
  },
});
const firstDay = Date.parse('2026-09-03T10:00:00Z');
const dayMs = 86_400_000;
const verdictSchema = z.enum(['right', 'trivial', 'misleading', 'wrong']);
const judgedSchema = z.object({
  verdicts: z.record(z.string(), verdictSchema),
  otherReader: z.record(z.string(), verdictSchema),
});

if (values.help === true || values.statements.length + values.assistant.length + values.talk.length === 0) {
  console.log(help);
} else {
  for (const file of values.statements) await measureStatements(file);
  if (values.assistant.length > 0) await measureAssistantTalks(values.assistant);
  const facts: StoredFact[] = [];
  for (const file of values.talk) facts.push(...(await measureTalk(file)));
  if (values.talk.length > 0) await printPrecision(facts);
  if (values.sample !== undefined) await writeFile(values.sample, sampled(facts).join('\n'));
}

/** The facts after all messages, each on a day of its own. */
async function knownAfter(messages: readonly string[]): Promise<string[]> {
  const turns = messages.map((userInput, i) => ({
    userInput,
    agentResponse: 'All right.',
    timestamp: new Date(firstDay + i * 3 * dayMs).toISOString(),
  }));
  const facts = await factsAfter(turns);
  return facts.filter((fact) => fact.superseded_by === null).map((fact) => fact.knowledge);
}

async function measureStatements(file: string): Promise<void> {
  const statements: Statements = statementsSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  const count = { say: 0, change: 0, trap: 0, others: 0, negations: 0 };
  const miss = (what: string, known: readonly string[]) =>
    console.log(`  ${what} => ${known.join(' | ') || 'nothing'}`);
  console.log(`${file}, misses:`);
  for (const [message, wanted] of statements.say) {
    const known = await knownAfter([message]);
    if (new RegExp(wanted, 'i').test(known.join('\n'))) count.say += 1;
    else miss(message, known);
  }
  for (const [messages, wanted, gone] of statements.change) {
    const known = await knownAfter(messages);
    const isThere = new RegExp(wanted || '.*', 'i').test(known.join('\n'));
    const isGone = gone === '' || !known.some((fact) => new RegExp(gone, 'i').test(fact));
    if (isThere && isGone) count.change += 1;
    else miss(messages.join(' -> '), known);
  }
  for (const message of statements.trap) {
    const known = await knownAfter([message]);
    if (known.length === 0) continue;
    count.trap += 1;
    miss(`trap: ${message}`, known);
  }
  for (const kind of ['others', 'negations'] as const) {
    for (const [message, forbidden] of statements[kind]) {
      const known = await knownAfter([message]);
      if (!known.some((fact) => new RegExp(forbidden, 'i').test(fact))) continue;
      count[kind] += 1;
      miss(`${kind}: ${message}`, known);
    }
  }
  const share = (n: number, of: number) => `${n} of ${of} (${((100 * n) / Math.max(1, of)).toFixed(0)} %)`;
  console.log(
    "| told once, known at once | changes right | traps that became facts | somebody else's given to the user | negations lost |\n|---|---|---|---|---|",
  );
  console.log(
    `| ${share(count.say, statements.say.length)} | ${share(count.change, statements.change.length)} | ${share(count.trap, statements.trap.length)} | ${count.others} of ${statements.others.length} | ${count.negations} of ${statements.negations.length} |`,
  );
}

/** A fact is kept if a stored quote has its words. */
async function measureAssistantTalks(files: readonly string[]): Promise<void> {
  const all = { wanted: 0, kept: 0, stored: 0, beside: 0 };
  const row = (name: string, { wanted, kept, stored, beside }: typeof all) =>
    console.log(
      `| ${name} | ${kept} of ${wanted} (${((100 * kept) / wanted).toFixed(0)} %) | ${stored} | ${beside} |`,
    );
  console.log('| conversation | noted facts that are kept | stored facts | not noted |\n|---|---|---|---|');
  for (const file of files) {
    const { exchanges, facts } = talkSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    const turns = exchanges.map(([userInput, agentResponse, at]) => ({
      userInput,
      agentResponse,
      timestamp: new Date(at).toISOString(),
    }));
    const stored = (await factsAfter(turns)).filter((fact) => fact.assistant_id === null);
    const quotes = stored.map(({ quote }) => wordsOf(quote ?? '').join(' '));
    const noted = facts.map(([, said]) => wordsOf(said).join(' '));
    const count = {
      wanted: noted.length,
      kept: noted.filter((said) => quotes.some((quote) => holdsMost(quote, said))).length,
      stored: quotes.length,
      beside: quotes.filter((quote) => !noted.some((said) => quote.includes(said) || said.includes(quote)))
        .length,
    };
    row(path.basename(file), count);
    for (const key of ['wanted', 'kept', 'stored', 'beside'] as const) all[key] += count[key];
  }
  row('all', all);
}

/** Whether a quote has the words of a statement, or is more than half of it. */
function holdsMost(quote: string, said: string): boolean {
  return quote.includes(said) || (said.includes(quote) && quote.length > 0.6 * said.length);
}

interface StoredFact {
  readonly fact: Fact;
  /** The exchange that the fact was read from. */
  readonly turn: Turn | undefined;
}

/** Facts of both speakers, each as the user once. */
async function measureTalk(file: string): Promise<StoredFact[]> {
  const conversations = parseLocomo(await readFile(file, 'utf8'), file);
  const found: StoredFact[] = [];
  let pages = 0;
  let asked = 0;
  let answered = 0;
  let ms = 0;
  for (const conversation of conversations) {
    const own = turnsOf(conversation);
    const swapped = own.map(({ userInput, agentResponse, timestamp }) => ({
      userInput: agentResponse,
      agentResponse: userInput,
      timestamp,
    }));
    const began = performance.now();
    const facts = await Promise.all([own, swapped].map((turns) => factsAfter(turns, 100_000, 16)));
    ms += performance.now() - began;
    pages += 2 * own.length;
    for (const [i, turns] of [own, swapped].entries()) {
      for (const fact of facts[i] ?? []) {
        found.push({ fact, turn: turns.find(({ userInput }) => userInput.includes(fact.quote ?? '')) });
      }
    }
    const current = facts.flat().filter((fact) => fact.superseded_by === null);
    for (const { question, answer, category } of conversation.questions) {
      if (category > 4) continue;
      asked += 1;
      if (current.some((fact) => holdsAnswer(fact, question, answer))) answered += 1;
    }
  }
  console.log(
    '| conversations | pages | facts | ms a page | answers that stand in a current fact |\n|---|---|---|---|---|',
  );
  console.log(
    `| ${file} | ${pages} | ${found.length} | ${(ms / pages).toFixed(1)} | ${answered} of ${asked} (${((100 * answered) / Math.max(1, asked)).toFixed(1)} %) |`,
  );
  return found;
}

function turnsOf({ pages }: LocomoConversation): Turn[] {
  return pages.map((page) => ({
    userInput: page.user_input,
    agentResponse: page.agent_response,
    timestamp: new Date(page.timestamp).toISOString(),
  }));
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** Every word of the answer that is longer than three letters, or a number, and that the question does not say. */
function holdsAnswer(fact: Fact, question: string, answer: string): boolean {
  const said = new Set(wordsOf(question));
  const wanted = wordsOf(answer).filter((word) => (word.length > 3 || /\d/.test(word)) && !said.has(word));
  const held = new Set(wordsOf(`${fact.knowledge} ${fact.quote ?? ''}`));
  return wanted.length > 0 && wanted.every((word) => held.has(word));
}

/** The verdicts of a reader on those stored facts that were read by hand. */
async function printPrecision(facts: readonly StoredFact[]): Promise<void> {
  const file = await readFile(new URL('judged.json', import.meta.url), 'utf8');
  const { verdicts, otherReader } = judgedSchema.parse(JSON.parse(file));
  console.log(
    '| stored facts that were read by hand | right and worth keeping | trivial | misleading | wrong |\n|---|---|---|---|---|',
  );
  for (const [reader, said] of [
    ['the author', verdicts],
    ['another reader', otherReader],
  ] as const) {
    const count = { right: 0, trivial: 0, misleading: 0, wrong: 0 };
    for (const { fact } of facts) {
      const verdict = said[keyOf(fact)];
      if (verdict !== undefined) count[verdict] += 1;
    }
    const judged = count.right + count.trivial + count.misleading + count.wrong;
    const share = (n: number) => `${n} (${((100 * n) / Math.max(1, judged)).toFixed(1)} %)`;
    console.log(
      `| ${judged} of ${facts.length}, ${reader} | ${share(count.right)} | ${share(count.trivial)} | ${share(count.misleading)} | ${share(count.wrong)} |`,
    );
  }
}

/** The first `--size` facts in the order of a hash of the seed and the fact. */
function sampled(facts: readonly StoredFact[]): string[] {
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  return facts
    .map(({ fact, turn }) => ({ fact, turn, order: hash(`${values.seed}\n${fact.knowledge}`) }))
    .sort((a, b) => (a.order < b.order ? -1 : 1))
    .slice(0, Number(values.size))
    .map(({ fact, turn }) =>
      [
        keyOf(fact),
        fact.knowledge + (fact.superseded_by === null ? '' : ' (ended)'),
        `  quote: ${fact.quote ?? ''}`,
        `  user: ${turn?.userInput ?? ''}`,
        `  other: ${turn?.agentResponse ?? ''}`,
      ].join('\n'),
    );
}

/** The key of a fact in judged.json. */
function keyOf(fact: Fact): string {
  return createHash('sha256').update(fact.knowledge).digest('hex').slice(0, 12);
}
