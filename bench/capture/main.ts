import { Argument } from 'commander';
import { command, conversationFile, needsConversations, wholeFrom } from '../../scripts/command.js';
import { firstExchange } from './first-exchange.js';
import { fitting } from './fitting.js';
import { importSpeed } from './import-speed.js';
import { hookLatency, median } from './latency.js';
import { type Mix, mixesOf, mixShares, ways, withProjects } from './mixes.js';
import { wrongShare } from './projects.js';
import { clients, playSessions } from './sessions.js';

interface Options {
  readonly data?: string;
  readonly folder?: string;
  readonly importMb: number;
}

const parts: Readonly<Record<string, (options: Options) => Promise<void>>> = {
  async sessions() {
    for (const client of clients) {
      const { told, stored, doubled, promptTokens, startTokens } = await playSessions(client);
      const added = promptTokens.filter((count) => count > 0);
      console.log(
        `${client.padEnd(12)} stored ${stored} of ${told}, doubled ${doubled}; tokens a prompt: median ${median(promptTokens)}, 90th percentile ${percentile(promptTokens, 0.9)}, at most ${Math.max(...promptTokens)} (${added.length} of ${promptTokens.length} prompts got some); at a start at most ${Math.max(...startTokens)}`,
      );
    }
  },
  async fitting() {
    const { prompts, helped, shown } = await fitting();
    const judged = shown.filter(({ fits }) => fits !== null);
    const fit = judged.filter(({ fits }) => fits === true).length;
    console.log(
      `${prompts} prompts, ${helped} got lines: ${shown.length} lines, of which a person judged ${judged.length}; ${fit} of these fit (${((100 * fit) / judged.length).toFixed(0)} %)`,
    );
    for (const { prompt, line, fits } of shown) {
      if (fits !== true)
        console.log(`  ${fits === null ? 'not judged' : 'does not fit'}: ${prompt} -> ${line}`);
    }
  },
  async projects() {
    for (const [name, known] of [
      ['of no page and no question is known', { told: false, asked: 'none' }],
      ['of the pages is known', { told: true, asked: 'none' }],
      ['of pages and questions is known', { told: true, asked: 'own' }],
      ['of the pages is known, and another project asks', { told: true, asked: 'others' }],
    ] as const) {
      const { returned, wrong, shortTerm, shortTermWrong, firstRight, questions } = await wrongShare(known);
      console.log(
        `projects: the project ${name}: ${wrong} of ${returned} found pages are of another project (${((100 * wrong) / returned).toFixed(1)} %), the first is right for ${firstRight} of ${questions}; of short-term memory ${shortTermWrong} of ${shortTerm}`,
      );
    }
  },
  async mixes({ data }) {
    if (data === undefined) return console.log('mixes: not measured without --data <file>');
    await printShares('three lives', mixesOf(data));
    await printShares('two projects and a private life', withProjects(data));
  },
  async latency({ folder }) {
    const { pages, emptyMs, withServerMs, aloneMs } = await hookLatency(10_000, folder);
    const times = (ms: number) => `${ms.toFixed(0)} ms (${(ms / emptyMs).toFixed(1)} times)`;
    console.log(
      `${pages} pages: node -e 0 ${emptyMs.toFixed(0)} ms, prompt hook with a server ${times(withServerMs)}, without ${times(aloneMs)}`,
    );
  },
  async install() {
    const { tarballMb, installedMb, packages, warnings, ...seconds } = await firstExchange();
    console.table({
      'packed, MB': tarballMb.toFixed(1),
      'installed, on disk, MB': installedMb.toFixed(1),
      packages,
      'warnings of npm': warnings.length,
      'npm i, s': seconds.npmSeconds.toFixed(1),
      'memoryos-mcp install, s': seconds.installSeconds.toFixed(1),
      'first exchange remembered, s': seconds.rememberedSeconds.toFixed(1),
    });
    for (const line of warnings) console.log(`  ${line}`);
  },
  async import({ importMb }) {
    console.table(await importSpeed(importMb));
  },
};

async function printShares(name: string, mixes: readonly Mix[]): Promise<void> {
  for (const [kind, shares] of await mixShares(mixes)) {
    for (const [way, words] of Object.entries(ways) as [keyof typeof ways, string][]) {
      const { returned, wrong, firstRight, questions, withEvidence, found } = shares[way];
      if (questions === 0) continue;
      const evidence =
        withEvidence === 0 ? '' : `, ${((100 * found) / withEvidence).toFixed(1)} % of the evidence is found`;
      console.log(
        `${name}, ${kind}: the project ${words}: ${wrong} of ${returned} found pages are of another life (${((100 * wrong) / returned).toFixed(1)} %), the first is right for ${firstRight} of ${questions}${evidence}`,
      );
    }
  }
}

function percentile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;
}

const program = command({
  call: 'npm run bench:capture --',
  about: `Measures hooks and imports. The parts, all by default:
sessions: what the hooks of each client store, and how many tokens they add
fitting: how many of the lines that a prompt is given fit it
projects, mixes: how many returned pages are of another project, with written and with real conversations
latency: time of a hook with 10,000 pages stored
install: size and time of an installation, and time until the first exchange is remembered
import: time and memory of an import`,
  time: 'sessions 1 minute, fitting, projects and install seconds, latency 4 minutes, mixes and import 10 minutes each.',
  needs: `network for install; for mixes, ${needsConversations}`,
})
  .addArgument(new Argument('[part...]', 'what to measure').choices(Object.keys(parts)))
  .addOption(conversationFile(false))
  .option('--folder <folder>', 'latency: keep the memory there and fill it only once')
  .option('--import-mb <n>', 'import: size of the file in MB', wholeFrom(1), 500)
  .parse();
for (const [name, run] of Object.entries(parts)) {
  if (program.args.length === 0 || program.args.includes(name)) await run(program.opts<Options>());
}
