import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Option } from 'commander';
import { z } from 'zod';
import {
  command,
  conversationFiles,
  existingFiles,
  needsConversations,
  wholeFrom,
} from '../../scripts/command.js';
import { type LocomoConversation, parseLocomo } from '../../src/cli/demo/locomo.js';
import type { Fact } from '../../src/model/knowledge.js';
import { factsAfter, type Turn } from './memory.js';
import { type Statements, statementsSchema, talkSchema } from './statements.js';

const program = command({
  call: 'npm run bench:knowledge --',
  about:
    'Measures which facts become known from single exchanges, without a model. Give at least one kind of input.',
  time: 'seconds for each file.',
  needs: `nothing for --statements and --assistant: bench/knowledge has lists of statements (blind-*.json) and conversations (talks/*.json). For --data, ${needsConversations}`,
})
  .addOption(
    new Option(
      '--statements <file...>',
      'single messages, with the facts that they must and must not give: prints how many are right',
    ).argParser(existingFiles),
  )
  .addOption(
    new Option(
      '--assistant <file...>',
      'conversations with an assistant: prints the share of the facts worth keeping that are kept, and what is kept besides',
    ).argParser(existingFiles),
  )
  .addOption(conversationFiles(false))
  .option(
    '--sample <file>',
    'write facts of the --data conversations with quotes and exchanges, for a person to judge',
  )
  .option('--seed <text>', 'decides which facts are in the sample', '1')
  .option('--size <n>', 'number of facts in the sample', wholeFrom(1), 200)
  .parse();
const options = program.opts<{
  statements?: string[];
  assistant?: string[];
  data?: string[];
  sample?: string;
  seed: string;
  size: number;
}>();
const { statements: statementFiles = [], assistant: talkFiles = [], data: files = [] } = options;
const firstDay = Date.parse('2026-09-03T10:00:00Z');
const dayMs = 86_400_000;
const verdictSchema = z.enum(['right', 'trivial', 'misleading', 'wrong']);
const judgedSchema = z.object({
  verdicts: z.record(z.string(), verdictSchema),
  otherReader: z.record(z.string(), verdictSchema),
  fifthReader: z.record(z.string(), verdictSchema),
  sixthReader: z.record(z.string(), verdictSchema),
});

if (statementFiles.length + talkFiles.length + files.length === 0)
  program.error('error: give --statements, --assistant or --data.');
for (const file of statementFiles) await measureStatements(file);
if (talkFiles.length > 0) await measureAssistantTalks(talkFiles);
const facts: StoredFact[] = [];
for (const file of files) facts.push(...(await measureTalk(file)));
if (files.length > 0) await printPrecision(facts);
if (options.sample !== undefined) await writeFile(options.sample, sampled(facts).join('\n'));

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
  const { verdicts, otherReader, fifthReader, sixthReader } = judgedSchema.parse(JSON.parse(file));
  console.log(
    '| stored facts that were read by hand | right and worth keeping | trivial | misleading | wrong |\n|---|---|---|---|---|',
  );
  for (const [reader, said] of [
    ['the author', verdicts],
    ['readers two to four', otherReader],
    ['a fifth reader', fifthReader],
    ['a sixth reader', sixthReader],
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
    .map(({ fact, turn }) => ({ fact, turn, order: hash(`${options.seed}\n${fact.knowledge}`) }))
    .sort((a, b) => (a.order < b.order ? -1 : 1))
    .slice(0, options.size)
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
