import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { CDPSession, Page } from 'playwright-core';
import { command, numberFrom, wholeFrom } from '../../scripts/command.js';
import { fillLargeMemory } from '../../tests/support/large-memory.js';

const options = command({
  call: 'npm run bench:pages --',
  about:
    'Measures the pages of the browser over a large memory: size, first paint, time of a search and of a change of page, scrolling, and the API under load.',
  time: '5 minutes.',
  needs: 'Chromium; CHROMIUM is its path if it is not found.',
})
  .option('--pages <n>', 'number of exchanges in the memory', wholeFrom(1000), 100_000)
  .option('--scroll-seconds <n>', 'how long the timeline scrolls', numberFrom(1), 60)
  .option('--load-seconds <n>', 'how long the API is called', numberFrom(1), 20)
  .option('--per-second <n>', 'requests a second', numberFrom(1), 50)
  .parse()
  .opts<{ pages: number; scrollSeconds: number; loadSeconds: number; perSecond: number }>();
// It says so if there is no Chromium, which the help does not need.
const { launchBrowser, startUi, stopUi } = await import('../../tests/support/browser.js');
const { pages: pagesTotal, perSecond } = options;
const scrollMs = options.scrollSeconds * 1000;
const loadMs = options.loadSeconds * 1000;
const repeats = 5;

const rows: [string, string][] = [];
const note = (what: string, figure: string) => {
  rows.push([what, figure]);
  process.stderr.write(`${what}: ${figure}\n`);
};
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function compressedBytes(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  return files.reduce(
    (sum, file) => sum + gzipSync(readFileSync(path.join(file.parentPath, file.name))).length,
    0,
  );
}

function share(sorted: readonly number[], of: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * of))] ?? Number.NaN;
}

const shown = (times: readonly number[]) => {
  const sorted = [...times].sort((a, b) => a - b);
  return `median ${share(sorted, 0.5).toFixed(0)} ms, p99 ${share(sorted, 0.99).toFixed(0)} ms (${sorted.length})`;
};

async function tabBytes(devtools: CDPSession): Promise<number> {
  await devtools.send('HeapProfiler.collectGarbage');
  const { metrics } = await devtools.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN;
}

async function firstPaint(page: Page): Promise<void> {
  const paints: number[] = [];
  const lists: number[] = [];
  for (let i = 0; i < repeats; i += 1) {
    await page.reload();
    await page.locator('.exchange').first().waitFor();
    lists.push(Number(await page.evaluate('performance.now()')));
    paints.push(
      Number(await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")),
    );
  }
  note('first paint of the timeline', shown(paints));
  note('until its exchanges are shown', shown(lists));
}

async function interactions(page: Page): Promise<void> {
  const search = page.getByLabel('Search the exchanges');
  const found: number[] = [];
  for (const word of ['tomatoes', 'Lisbon', 'violin', 'budget', 'marathon']) {
    const before = performance.now();
    const answered = page.waitForResponse((response) => response.url().includes(`text=${word}`));
    await search.fill(word);
    await answered;
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    found.push(performance.now() - before);
  }
  note('search while typing, with its delay of 250 ms', shown(found));
  await search.fill('');
  await pause(1500);
  const moves: number[] = [];
  for (const name of ['overview', 'topics', 'knowledge', 'log', 'timeline']) {
    const before = performance.now();
    await page.evaluate(`location.hash = '#/${name}'`);
    await page.locator('main').getByText('Loading').waitFor({ state: 'detached' });
    moves.push(performance.now() - before);
  }
  note('change of page until it is loaded', shown(moves));
}

async function scrolling(page: Page, devtools: CDPSession): Promise<void> {
  await page.locator('.exchange').first().waitFor();
  const before = await tabBytes(devtools);
  const result = (await page.evaluate(`(async () => {
    const list = document.querySelector('.virtual');
    const frames = [];
    let last = performance.now();
    const end = last + ${scrollMs};
    while (performance.now() < end) {
      list.scrollTop += 240;
      await new Promise((done) => requestAnimationFrame(done));
      const now = performance.now();
      frames.push(now - last);
      last = now;
    }
    const furthest = Math.max(...[...document.querySelectorAll('[aria-posinset]')].map((one) => Number(one.getAttribute('aria-posinset'))));
    return { frames, furthest, elements: document.querySelectorAll('*').length };
  })()`)) as { frames: number[]; furthest: number; elements: number };
  const sorted = [...result.frames].sort((a, b) => a - b);
  note(`frames in ${scrollMs / 1000} s of scrolling`, shown(sorted));
  note('longest frame', `${sorted.at(-1)?.toFixed(0)} ms`);
  note('exchange reached', result.furthest.toLocaleString('en'));
  note('elements in the page after scrolling', result.elements.toLocaleString('en'));
  const after = await tabBytes(devtools);
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  note('heap of the tab, before and after', `${megabytes(before)} MB, ${megabytes(after)} MB`);
}

/** More words than the server caches results for, so that each search reads every exchange. */
const searched = [
  'violin',
  'tomatoes',
  'Lisbon',
  'budget',
  'marathon',
  'garden',
  'train',
  'doctor',
  'bicycle',
];

async function load(site: string, cookie: string): Promise<void> {
  const paths = [
    '/exchanges?limit=100',
    '/segments?limit=100',
    '/knowledge',
    '/overview',
    '/log',
    '/exchanges?text=',
  ];
  for (const which of paths) {
    const begun = performance.now();
    const response = await fetch(`${site}api/v1${which}`, { headers: { cookie } });
    const bytes = (await response.arrayBuffer()).byteLength;
    note(
      `  ${which}, alone`,
      `${(performance.now() - begun).toFixed(0)} ms, ${(bytes / 1024).toFixed(0)} KiB`,
    );
  }
  const byPath = new Map<string, number[]>();
  let refused = 0;
  const calls: Promise<void>[] = [];
  const count = Math.floor((loadMs / 1000) * perSecond);
  const startMs = performance.now();
  for (let i = 0; i < count; i += 1) {
    await pause(Math.max(0, startMs + (i * 1000) / perSecond - performance.now()));
    const which = paths[i % paths.length] ?? '';
    const word = which.endsWith('text=') ? searched[Math.floor(i / paths.length) % searched.length] : '';
    const begun = performance.now();
    calls.push(
      fetch(`${site}api/v1${which}${word}`, { headers: { cookie } }).then(async (response) => {
        await response.arrayBuffer();
        if (!response.ok) refused += 1;
        const times = byPath.get(which) ?? [];
        byPath.set(which, times);
        times.push(performance.now() - begun);
      }),
    );
  }
  await Promise.all(calls);
  note(`API at ${perSecond} requests a second`, shown([...byPath.values()].flat()));
  for (const [which, times] of byPath) note(`  ${which}`, shown(times));
  note('  refused', String(refused));
}

const folder = mkdtempSync(path.join(tmpdir(), 'memoryos-bench-pages-'));
const browser = await launchBrowser();
try {
  note('machine', `${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}`);
  note('size of the pages, compressed', `${(compressedBytes('dist/ui') / 1024).toFixed(0)} KiB`);
  note('size of the chat view, compressed', `${(compressedBytes('dist/ui-chat') / 1024).toFixed(0)} KiB`);
  const begun = performance.now();
  await fillLargeMemory(folder, 'ida', pagesTotal);
  note(
    `${pagesTotal.toLocaleString('en')} pages written in`,
    `${((performance.now() - begun) / 1000).toFixed(0)} s`,
  );
  const ui = await startUi(folder, 'ida');
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send('Performance.enable');
    await page.goto(ui.link);
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor({ timeout: 120_000 });
    await page.evaluate("location.hash = '#/timeline'");
    await page.locator('.exchange').first().waitFor({ timeout: 120_000 });
    await firstPaint(page);
    await interactions(page);
    await scrolling(page, devtools);
    const [cookie] = await context.cookies();
    await page.close();
    await load(new URL('/', ui.link).href, `${cookie?.name}=${cookie?.value}`);
  } finally {
    await stopUi(ui.child);
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(`\n${rows.map(([what, figure]) => `${what.padEnd(50)} ${figure}`).join('\n')}\n`);
