import { firstExchange } from './first-exchange.js';
import { fitting } from './fitting.js';
import { importSpeed } from './import-speed.js';
import { hookLatency, median } from './latency.js';
import { type Mix, mixesOf, mixShares, ways, withProjects } from './mixes.js';
import { wrongShare } from './projects.js';
import { clients, playSessions } from './sessions.js';

const parts: Readonly<Record<string, () => Promise<void>>> = {
  async sessions() {
    for (const client of clients) {
      const { told, stored, doubled, promptTokens, startTokens } = await playSessions(client);
      const added = promptTokens.filter((count) => count > 0);
      console.log(
        `${client.padEnd(12)} stored ${stored} of ${told}, doubled ${doubled}; tokens a prompt: median ${median(promptTokens)}, 90th percentile ${percentile(promptTokens, 0.9)}, most ${Math.max(...promptTokens)} (${added.length} of ${promptTokens.length} prompts got some); at a start at most ${Math.max(...startTokens)}`,
      );
    }
  },
  async fitting() {
    const { prompts, helped, shown } = await fitting();
    const judged = shown.filter(({ fits }) => fits !== null);
    const fit = judged.filter(({ fits }) => fits === true).length;
    console.log(
      `${prompts} prompts, ${helped} got something: ${shown.length} lines, ${judged.length} of them judged by a person, ${fit} fit (${((100 * fit) / judged.length).toFixed(0)} %)`,
    );
    for (const { prompt, line, fits } of shown) {
      if (fits !== true)
        console.log(`  ${fits === null ? 'not judged' : 'does not fit'}: ${prompt} -> ${line}`);
    }
  },
  async projects() {
    for (const [name, known] of [
      ['known to neither', { told: false, asked: 'none' }],
      ['known to the pages', { told: true, asked: 'none' }],
      ['known to pages and questions', { told: true, asked: 'own' }],
      ['known to the pages, asked in other projects', { told: true, asked: 'others' }],
    ] as const) {
      const { returned, wrong, shortTerm, shortTermWrong, firstRight, questions } = await wrongShare(known);
      console.log(
        `project ${name}: ${wrong} of ${returned} pages found are of another project (${((100 * wrong) / returned).toFixed(1)} %), the first is right for ${firstRight} of ${questions}; of short-term memory ${shortTermWrong} of ${shortTerm}`,
      );
    }
  },
  async mixes() {
    const file = process.env.MIXES_DATA ?? '../shared/data/locomo/dev.json';
    await printShares('mixes, people named', mixesOf(file, true));
    await printShares('mixes, people not named', mixesOf(file, false));
    await printShares('two projects and a private life', withProjects(file));
  },
  async latency() {
    const { pages, emptyMs, withServerMs, aloneMs } = await hookLatency(10_000, process.env.LATENCY_FOLDER);
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
  async import() {
    const megabytes = Number(process.env.IMPORT_MB ?? 500);
    console.log(JSON.stringify(await importSpeed(megabytes)));
  },
};

async function printShares(name: string, mixes: readonly Mix[]): Promise<void> {
  const shares = await mixShares(mixes);
  for (const way of Object.keys(ways) as (keyof typeof ways)[]) {
    const { returned, wrong, firstRight, questions, withEvidence, found } = shares[way];
    console.log(
      `${name}, project ${ways[way]}: ${wrong} of ${returned} pages found are of another life (${((100 * wrong) / returned).toFixed(1)} %), the first is right for ${firstRight} of ${questions}, ${((100 * found) / withEvidence).toFixed(1)} % of the evidence is found`,
    );
  }
}

function percentile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;
}

const asked = process.argv.slice(2);
if (asked.some((name) => !(name in parts))) {
  console.error(`Name no part, or some of ${Object.keys(parts).join(', ')}.`);
  process.exit(1);
}
for (const [name, run] of Object.entries(parts)) {
  if (asked.length === 0 || asked.includes(name)) await run();
}
