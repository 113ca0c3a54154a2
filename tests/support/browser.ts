import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { PageName } from '../../src/ui/page-names.js';
import { plainEnv } from './cli-process.js';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Path of a Chromium, from `CHROMIUM` or the usual places on Linux; undefined if there is none. */
export const chromiumPath = process.env.CHROMIUM ?? places.find((place) => existsSync(place));

if (chromiumPath === undefined) {
  if (process.env.CI) throw new Error('CI has to test the pages: install Debian’s package "chromium".');
  process.stderr.write(
    'The pages are not tested in a browser: there is no Chromium. Install one, or set CHROMIUM to its path.\n',
  );
}

export function launchBrowser(): Promise<Browser> {
  if (chromiumPath === undefined)
    throw new Error('There is no Chromium. Install one, or set CHROMIUM to its path.');
  // A root user cannot use Chromium's sandbox; the pages come from this machine.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: chromiumPath, args });
}

/** Starts `memoryos-mcp ui`. Returns its process and the link that it printed. */
export async function startUi(
  dataFolder: string,
  user: string,
  port?: string,
): Promise<{ child: ChildProcess; link: string }> {
  const child = spawn(
    process.execPath,
    [
      'dist/cli/main.js',
      'ui',
      '--no-open',
      ...(port === undefined ? [] : ['--ui-port', port]),
      ...['--data', dataFolder, '--user', user, '--log-level', 'error'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], env: plainEnv() },
  );
  const [printed] = await once(child.stdout, 'data');
  return { child, link: String(printed).trim() };
}

export async function stopUi(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Violations of accessibility rules on a page. */
export async function violationsIn(page: Pick<Page, 'evaluate'>): Promise<unknown> {
  await page.evaluate(axe);
  return page.evaluate(
    "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))",
  );
}

/** Goes to one of the pages by its address. */
export async function goTo(page: Page, name: PageName): Promise<void> {
  await page.evaluate(`location.hash = '#/${name}'`);
  await page.locator(`nav a[href="#/${name}"][aria-current="page"]`).waitFor();
}
