import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parseLocomo } from '../../src/cli/demo/locomo.js';
import { table } from '../../src/cli/terminal.js';
import { type CallCounts, countOriginal, countOurs } from './calls.js';
import { addTimes, quantile, searchableTimes } from './times.js';

const help = `Calls, prompt tokens and latency of the analysis: npm run bench:analysis -- [options]

  --data <file>        LoCoMo file (default ../shared/data/locomo/dev.json)
  --conversation <n>   default 0
  --rounds <n>         of the latency measurement, default 7
  --only <part>        calls or times
`;

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data/locomo/dev.json' },
    conversation: { type: 'string', default: '0' },
    rounds: { type: 'string', default: '7' },
    only: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const print = (text: string) => process.stdout.write(`${text}\n`);

if (values.help) {
  print(help);
  process.exit(0);
}

const conversation = parseLocomo(readFileSync(values.data, 'utf8'), values.data)[Number(values.conversation)];
if (conversation === undefined)
  throw new Error(`there is no conversation ${values.conversation} in ${values.data}`);
const { id, pages } = conversation;
print(`${id}: ${pages.length} pages; Node ${process.version}\n`);
if (values.only !== 'times') await reportCalls();
if (values.only !== 'calls') await reportTimes(Number(values.rounds));

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
  // A burst of other work on the machine falls into one round; the middle round did not see it.
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
