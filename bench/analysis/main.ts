import { readFileSync } from 'node:fs';
import { Option } from 'commander';
import { command, conversationFile, needsConversations, wholeFrom } from '../../scripts/command.js';
import { parseLocomo } from '../../src/cli/demo/locomo.js';
import { table } from '../../src/cli/terminal.js';
import { type CallCounts, countOriginal, countOurs } from './calls.js';
import { addTimes, quantile, searchableTimes } from './times.js';

const options = command({
  call: 'npm run bench:analysis --',
  about:
    'Measures the analysis by a model: how many requests and prompt tokens it needs, beside the procedure of the original implementation, and how long adds and migrations take while a model answers slowly. The model is simulated.',
  time: '10 minutes; a minute with --only calls.',
  needs: needsConversations,
})
  .addOption(conversationFile())
  .option('--conversation <n>', 'the conversation of the file, counted from 0', wholeFrom(0), 0)
  .option('--rounds <n>', 'rounds of the measurement of times', wholeFrom(1), 7)
  .addOption(new Option('--only <part>', 'measure only this').choices(['calls', 'times']))
  .parse()
  .opts<{ data: string; conversation: number; rounds: number; only?: 'calls' | 'times' }>();
const print = (text: string) => process.stdout.write(`${text}\n`);

const conversation = parseLocomo(readFileSync(options.data, 'utf8'), options.data)[options.conversation];
if (conversation === undefined)
  throw new Error(`${options.data} has no conversation ${options.conversation}.`);
const { id, pages } = conversation;
print(`${id}: ${pages.length} pages; Node ${process.version}\n`);
if (options.only !== 'times') await reportCalls();
if (options.only !== 'calls') await reportTimes(options.rounds);

async function reportCalls(): Promise<void> {
  const per100 = (count: number) => Math.round((count * 100) / pages.length);
  const runs: [string, CallCounts][] = [
    ['original, 1 theme a page', await countOriginal(pages, 1)],
    ['original, up to 2 themes a page', await countOriginal(pages, 2)],
    ['memoryos-mcp', await countOurs(pages)],
  ];
  const ours = runs.at(-1)?.[1];
  const share = (mine: number | undefined, theirs: number) => ((mine ?? 0) / theirs).toFixed(2);
  print('Per 100 adds, default capacities, every job done before the next add:');
  const rows = runs.map(([name, counts]) => [
    name,
    per100(counts.calls),
    share(ours?.calls, counts.calls),
    per100(counts.messageTokens),
    share(ours?.messageTokens, counts.messageTokens),
    per100(counts.messageTokens + counts.schemaTokens),
    share((ours?.messageTokens ?? 0) + (ours?.schemaTokens ?? 0), counts.messageTokens + counts.schemaTokens),
  ]);
  print(
    table(
      ['procedure', 'calls', 'ours/this', 'prompt tokens', 'ours/this', 'with schemas', 'ours/this'],
      rows,
    ),
  );
  for (const [name, { byTask }] of runs) {
    const tasks = Object.entries(byTask).map(
      ([task, { calls, tokens }]) => `${task} ${calls} x ${Math.round(tokens / calls)}`,
    );
    print(`  ${name}: ${tasks.join(', ')} (calls x mean prompt tokens with schema)`);
  }
  print('');
}

async function reportTimes(rounds: number): Promise<void> {
  const ran: (readonly [number[], number[]])[] = [];
  await addTimes([0, 2_000], pages.slice(0, 30));
  for (let round = 0; round < rounds; round += 1) ran.push(await addTimes([0, 2_000], pages));
  const none = ran.flatMap(([times]) => times);
  const slow = ran.flatMap(([, times]) => times);
  const ms = (value: number) => value.toFixed(2);
  const row = (name: string, times: readonly number[]) => [
    name,
    times.length,
    ms(quantile(times, 0.5)),
    ms(quantile(times, 0.99)),
  ];
  const ratio = (share: number) => (quantile(slow, share) / quantile(none, share)).toFixed(2);
  // A burst of other work on the machine affects one round, and not the middle one.
  const ratios = (share: number) => ran.map(([fast, late]) => quantile(late, share) / quantile(fast, share));
  const middle = (share: number) => quantile(ratios(share), 0.5).toFixed(2);
  print(`add_memory, ms; ${rounds} rounds, every page added to one memory and the other in turn:`);
  print(
    table(
      ['completion takes', 'adds', 'p50', 'p99'],
      [
        row('0 s', none),
        row('2 s', slow),
        ['ratio of all adds', '', ratio(0.5), ratio(0.99)],
        ['ratio of the middle round', '', middle(0.5), middle(0.99)],
      ],
    ),
  );
  const soon = await searchableTimes(0, pages, 20);
  const later = await searchableTimes(2_000, pages, 8);
  print('\nFrom the add that pushes a batch out to the batch found by its new summary, ms:');
  print(
    table(
      ['completion takes', 'batches', 'p50', 'max'],
      [
        ['0 s', soon.length, ms(quantile(soon, 0.5)), ms(Math.max(...soon))],
        ['2 s', later.length, ms(quantile(later, 0.5)), ms(Math.max(...later))],
      ],
    ),
  );
}
