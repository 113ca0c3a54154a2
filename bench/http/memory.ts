import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { residentMb } from '../processes.js';

/** Makes Node print on stdout the size of the heap after every garbage collection. */
export const tellCollections = '--trace-gc';

const residentEveryMs = 2000;
const mb = 1024 * 1024;

/** The server at one moment: its memory use, and the pages stored in the open memories. */
interface Sample {
  readonly atMs: number;
  readonly values: Readonly<Record<string, number>>;
}

/**
 * Watches a server from outside: the resident memory, the heap of each thread after garbage collection (from
 * `--trace-gc`, no collection is forced), and from its metrics the number of pages in each tier.
 */
export class MemoryWatch {
  readonly #samples: Sample[] = [];
  readonly #timers: NodeJS.Timeout[];
  readonly #startedAt = Date.now();

  constructor(
    pid: number | undefined,
    stdout: Readable,
    metrics: () => Promise<string>,
    metricsEveryMs: number,
  ) {
    const threads: string[] = [];
    createInterface({ input: stdout }).on('line', (line) => {
      const found = /^\[(\d+:0x[0-9a-f]+)\].*? (?<kind>Mark-Compact|Scavenge) .*? -> (?<left>[\d.]+) /.exec(
        line,
      );
      if (found?.[1] === undefined) return;
      // The main thread makes the first collection.
      if (!threads.includes(found[1])) threads.push(found[1]);
      if (found.groups?.kind === 'Scavenge') return;
      const thread = threads[0] === found[1] ? 'heap' : 'heap of the analysis';
      this.#note({ [thread]: Number(found.groups?.left) });
    });
    const resident = () => this.#note({ resident: residentMb(pid) ?? Number.NaN });
    const stored = async () => {
      const text = await metrics().catch(() => '');
      this.#note(storedIn(text));
    };
    resident();
    void stored();
    this.#timers = [setInterval(resident, residentEveryMs), setInterval(() => void stored(), metricsEveryMs)];
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  /** Means of each of `parts` equal parts of the time. */
  table(totalMs: number, parts: number): Record<string, Record<string, number>> {
    const names = [...new Set(this.#samples.flatMap(({ values }) => Object.keys(values)))];
    const order = [...columns, ...names.filter((name) => !columns.includes(name))];
    return Object.fromEntries(
      Array.from({ length: parts }, (_, part) => {
        const of = (name: string) =>
          this.#mean(name, (part * totalMs) / parts, ((part + 1) * totalMs) / parts);
        const row = Object.fromEntries(order.map((name) => [name, of(name)]));
        return [`to ${Math.round(((part + 1) * totalMs) / parts / 1000)} s`, row];
      }),
    );
  }

  /** A value in the last tenth of the time, compared with the first tenth of its second half. */
  secondHalf(totalMs: number, name: string): string {
    const before = this.#mean(name, totalMs * 0.5, totalMs * 0.6);
    const after = this.#mean(name, totalMs * 0.9, totalMs);
    const change = before === 0 ? '' : ` (${(100 * (after / before - 1)).toFixed(1)} %)`;
    return `${name} ${before} -> ${after}${change}`;
  }

  /** The collections in a time; if there is none, the last one before it. */
  #mean(name: string, fromMs: number, toMs: number): number {
    const seen = this.#samples.filter(({ atMs, values }) => atMs < toMs && name in values);
    const within = seen.filter(({ atMs }) => atMs >= fromMs);
    const found = (within.length > 0 ? within : seen.slice(-1)).map(({ values }) => values[name] ?? 0);
    return Math.round((found.reduce((a, b) => a + b, 0) / found.length) * 10) / 10;
  }

  #note(values: Readonly<Record<string, number>>): void {
    this.#samples.push({ atMs: Date.now() - this.#startedAt, values });
  }
}

const columns = [
  'resident',
  'heap',
  'heap of the analysis',
  'heap reserved',
  'outside the heap',
  'short-term pages',
  'mid-term pages',
  'segments',
  'facts',
  'archived pages',
];

function storedIn(text: string): Record<string, number> {
  const found = (name: string) => {
    const line = text.split('\n').find((one) => one.startsWith(`${name} `));
    return line === undefined ? Number.NaN : Number(line.slice(name.length + 1));
  };
  const longTerm = ['user_facts', 'assistant_facts', 'superseded_facts'];
  const values = {
    'heap reserved': found('nodejs_heap_size_total_bytes') / mb,
    'outside the heap': found('nodejs_external_memory_bytes') / mb,
    'short-term pages': found('memoryos_pages{of="short_term"}'),
    'mid-term pages': found('memoryos_pages{of="mid_term"}'),
    segments: found('memoryos_segments{of="mid_term"}'),
    facts: longTerm.reduce((sum, of) => sum + found(`memoryos_long_term{of="${of}"}`), 0),
    'archived pages': found('memoryos_pages{of="archive"}'),
  };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => Number.isFinite(value)));
}
