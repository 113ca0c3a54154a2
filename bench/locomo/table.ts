import {
  bootstrap,
  type Figures,
  figuresOf,
  mean,
  percentile,
  type QuestionResult,
  recallAt,
} from './metrics.js';

export const categoryNames: Readonly<Record<number, string>> = {
  1: 'multi-hop',
  2: 'temporal',
  3: 'open-domain',
  4: 'single-hop',
};

/** The file that `--json` writes and `--compare` reads. */
export interface ResultFile {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly excluded: number;
  readonly questions: readonly QuestionResult[];
}

const columns = ['', 'questions', 'R@1', 'R@5', 'R@10', 'R@20', 'any@10', 'MRR'];

/** The figures by category, by conversation and overall, as a Markdown table. */
export function figuresTable(results: readonly QuestionResult[]): string {
  const rows = [
    ...Object.entries(categoryNames).map(([category, name]) => [
      name,
      figuresOf(results.filter((result) => result.category === Number(category))),
    ]),
    ...[...new Set(results.map((result) => result.conversation))].map((id) => [
      id,
      figuresOf(results.filter((result) => result.conversation === id)),
    ]),
    ['**all**', figuresOf(results)],
  ] as const;
  return [
    `| ${columns.join(' | ')} |`,
    `|${columns.map(() => '---').join('|')}|`,
    ...rows.map(([name, figures]) => `| ${[name, ...cells(figures as Figures)].join(' | ')} |`),
  ].join('\n');
}

/** Several rankers side by side, with the recall at ten of each conversation. */
export function rankersTable(results: ReadonlyMap<string, readonly QuestionResult[]>): string {
  const ids = [
    ...new Set([...results.values()].flatMap((list) => list.map((result) => result.conversation))),
  ];
  const head = [...columns, ...ids.map((id) => `R@10 ${id}`)];
  const rows = [...results].map(([name, list]) => {
    const own = ids.map((id) => figuresOf(list.filter((result) => result.conversation === id)).recall[10]);
    return `| ${[name, ...cells(figuresOf(list)), ...own.map((value) => value.toFixed(3))].join(' | ')} |`;
  });
  return [`| ${head.join(' | ')} |`, `|${head.map(() => '---').join('|')}|`, ...rows].join('\n');
}

function cells(figures: Figures): string[] {
  const { recall, anyHit10, mrr, questions } = figures;
  return [
    String(questions),
    ...[recall[1], recall[5], recall[10], recall[20], anyHit10, mrr].map((value) => value.toFixed(3)),
  ];
}

/** Lines with intervals, tokens and latency. */
export function summaryLines(file: ResultFile): string[] {
  const { questions, excluded } = file;
  const interval = (k: number) => {
    const [low, high] = bootstrap(questions.map(({ ranks }) => recallAt(k, ranks)));
    return `${low.toFixed(3)} to ${high.toFixed(3)}`;
  };
  const latencies = questions.map(({ latencyMs }) => latencyMs);
  return [
    `95 % bootstrap intervals: R@5 ${interval(5)}, R@10 ${interval(10)}`,
    `Tokens of ten pages a query: ${mean(questions.map(({ tokens }) => tokens)).toFixed(0)} on average`,
    `Latency: p50 ${percentile(latencies, 0.5).toFixed(2)} ms, p99 ${percentile(latencies, 0.99).toFixed(2)} ms`,
    `Left out, because the evidence names no turn that exists: ${excluded}`,
  ];
}

/** The differences between two result files, with an interval of the paired difference. */
export function comparison(a: ResultFile, b: ResultFile): string {
  const key = (result: QuestionResult) => `${result.conversation} ${result.question}`;
  const inB = new Map(b.questions.map((result) => [key(result), result]));
  const pairs = a.questions.flatMap((result) => {
    const other = inB.get(key(result));
    return other === undefined ? [] : [[result, other] as const];
  });
  const lines = [1, 5, 10, 20].map((k) => {
    const differences = pairs.map(([x, y]) => recallAt(k, y.ranks) - recallAt(k, x.ranks));
    const [low, high] = bootstrap(differences);
    const [before, after] = [0, 1].map((side) =>
      mean(pairs.map((pair) => recallAt(k, (side === 0 ? pair[0] : pair[1]).ranks))),
    );
    const better = differences.filter((difference) => difference > 0).length;
    const worse = differences.filter((difference) => difference < 0).length;
    return `| R@${k} | ${before?.toFixed(4)} | ${after?.toFixed(4)} | ${mean(differences).toFixed(4)} | ${low.toFixed(4)} to ${high.toFixed(4)} | ${better} | ${worse} |`;
  });
  return [
    `${pairs.length} questions in both files`,
    '| | first | second | difference | 95 % interval | better | worse |',
    '|---|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}
