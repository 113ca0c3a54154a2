import { readFile, writeFile } from 'node:fs/promises';
import { command, conversationFiles, needsConversations } from '../../scripts/command.js';
import { type LocomoConversation, parseLocomo } from '../../src/cli/demo/locomo.js';
import { readableCategories } from './evidence.js';
import { meaningOf } from './meaning.js';
import { type Filed, fileConversation } from './memory.js';

const options = command({
  call: 'npm run bench:topics --',
  about: 'Measures how exchanges are grouped into topics, with default settings and without a model.',
  time: 'half a minute with both data sets; 2 minutes with --meaning.',
  needs: needsConversations,
})
  .addOption(conversationFiles())
  .option('--themes <file>', 'write 40 themes of these conversations, evenly spread, for a person to judge')
  .option(
    '--meaning',
    'also measure how similar the pages of a topic from different days are in meaning',
    false,
  )
  .parse()
  .opts<{ data: string[]; themes?: string; meaning: boolean }>();
const themesShown = 40;

interface Figures {
  users: number;
  segments: number;
  ofSeveralDays: number;
  readonly sizes: number[];
  most: number;
  together: number;
  pairs: number;
  byChance: number;
  readonly alike: number[];
  readonly alikeAtAll: number[];
  readonly themes: string[];
}

console.log(
  '| file | segments | of several days | most of one user | segments with 1 / 2-4 / 5 / 6-9 / 10-19 / 20+ pages | pairs of evidence in one segment | any pairs in one segment | similarity of pairs in one segment | of any pairs |',
);
console.log('|---|---|---|---|---|---|---|---|---|');
const themes: string[] = [];
for (const file of options.data) {
  const figures = await measure(parseLocomo(await readFile(file, 'utf8')));
  themes.push(...figures.themes);
  print(file, figures);
}
console.log('Pairs are pages of one conversation from different days.');
if (options.themes !== undefined) await writeFile(options.themes, evenly(themes).join('\n'));

async function measure(conversations: readonly LocomoConversation[]): Promise<Figures> {
  const figures: Figures = {
    users: 0,
    segments: 0,
    ofSeveralDays: 0,
    sizes: [],
    most: 0,
    together: 0,
    pairs: 0,
    byChance: 0,
    alike: [],
    alikeAtAll: [],
    themes: [],
  };
  for (const conversation of conversations) {
    const filed = await fileConversation(conversation);
    const segments = [...filed.state.segments.values()];
    figures.segments += segments.length;
    figures.users += 1;
    figures.most = Math.max(figures.most, segments.length);
    for (const { head, pages } of segments) {
      const days = new Set(pages.map((page) => page.timestamp.slice(0, 10)));
      if (days.size > 1) figures.ofSeveralDays += 1;
      figures.sizes.push(pages.length);
      figures.themes.push(`${head.theme}\t${pages.length} pages\t${head.summary.slice(0, 300)}`);
    }
    countEvidence(conversation, filed, figures);
    if (options.meaning) await countMeaning(conversation, filed, figures);
  }
  return figures;
}

/** Segment of each page of the conversation. */
function segmentsOfPages({ state, at }: Filed): Map<number, string> {
  const found = new Map<number, string>();
  for (const { head, pages } of state.segments.values())
    for (const page of pages) found.set(at.get(page.id) ?? -1, head.id);
  return found;
}

/** Counts how often two pages with the evidence of one answer, which are mostly about one subject, are in one segment. */
function countEvidence(conversation: LocomoConversation, filed: Filed, figures: Figures): void {
  const segmentOf = segmentsOfPages(filed);
  const pageOf = new Map(
    conversation.pages.flatMap((page, at) => page.dia_ids.map((id) => [id, at] as const)),
  );
  const dayOf = (at: number) => conversation.pages[at]?.timestamp.slice(0, 10);
  for (const { category, evidence } of conversation.questions) {
    if (!readableCategories.has(category)) continue;
    const pages = [...new Set(evidence.flatMap((id) => pageOf.get(id) ?? []))];
    for (const [i, a] of pages.entries()) {
      for (const b of pages.slice(i + 1)) {
        if (dayOf(a) === dayOf(b)) continue;
        figures.pairs += 1;
        if (segmentOf.get(a) === segmentOf.get(b)) figures.together += 1;
      }
    }
  }
  let same = 0;
  let all = 0;
  for (let a = 0; a < conversation.pages.length; a += 1) {
    for (let b = a + 1; b < conversation.pages.length; b += 1) {
      if (dayOf(a) === dayOf(b)) continue;
      all += 1;
      if (segmentOf.get(a) === segmentOf.get(b)) same += 1;
    }
  }
  figures.byChance += same / Math.max(1, all);
}

/** The grouping does not use the sentence model, so the model can judge it. */
async function countMeaning(conversation: LocomoConversation, filed: Filed, figures: Figures): Promise<void> {
  const vectors = await meaningOf(conversation);
  const segmentOf = segmentsOfPages(filed);
  const { pages } = conversation;
  pages.forEach((page, a) => {
    pages.slice(a + 1).forEach((other, i) => {
      if (page.timestamp.slice(0, 10) === other.timestamp.slice(0, 10)) return;
      const b = a + 1 + i;
      const alike = vectors.alike(a, b);
      figures.alikeAtAll.push(alike);
      if (segmentOf.get(a) === segmentOf.get(b)) figures.alike.push(alike);
    });
  });
}

function print(file: string, figures: Figures): void {
  const mean = (of: readonly number[]) =>
    of.length === 0 ? '-' : (of.reduce((sum, one) => sum + one, 0) / of.length).toFixed(3);
  const share = (n: number, of: number) => `${n} of ${of} (${((100 * n) / Math.max(1, of)).toFixed(0)} %)`;
  const bounds = [
    [1, 1],
    [2, 4],
    [5, 5],
    [6, 9],
    [10, 19],
    [20, Number.POSITIVE_INFINITY],
  ] as const;
  const sizes = bounds.map(([from, to]) => figures.sizes.filter((size) => size >= from && size <= to).length);
  const row = [
    file,
    figures.segments,
    share(figures.ofSeveralDays, figures.segments),
    figures.most,
    sizes.join(' / '),
    share(figures.together, figures.pairs),
    `${((100 * figures.byChance) / figures.users).toFixed(1)} %`,
    mean(figures.alike),
    mean(figures.alikeAtAll),
  ];
  console.log(`| ${row.join(' | ')} |`);
}

function evenly(themes: readonly string[]): string[] {
  const step = Math.max(1, themes.length / themesShown);
  return Array.from(
    { length: Math.min(themesShown, themes.length) },
    (_, i) => themes[Math.floor(i * step)] ?? '',
  );
}
