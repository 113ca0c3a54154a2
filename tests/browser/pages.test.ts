import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemory } from '../../src/index.js';
import { chromiumPath, launchBrowser, startUi, stopUi } from '../support/browser.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const pageNames = ['overview', 'ask', 'timeline', 'topics', 'knowledge', 'profile', 'log', 'settings'];
const hostile =
  '<script>window.ran=1</script><img src="http://stranger.example/x.png" onerror="window.ran=1"> [link](javascript:window.ran=1) ![picture](http://stranger.example/y.png) \u202Egnp.exe';

let folder: string;
let browser: Browser;
let ui: { child: ChildProcess; link: string };
let page: Page;
const foreign: string[] = [];
const faults: string[] = [];

async function memory() {
  return createMemory({ user_id: 'ida', data_storage_path: folder });
}

describe.skipIf(chromiumPath === undefined)('the pages in a browser', () => {
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'memoryos-pages-'));
    const filled = await memory();
    for (let i = 0; i < 30; i += 1) {
      await filled.add({
        userInput: `Entry ${i}: I keep bees, and hive ${i} is full.`,
        agentResponse: 'Good to hear.',
        timestamp: new Date(Date.UTC(2026, 2, 1 + i)).toISOString(),
      });
    }
    await filled.add({ userInput: hostile, agentResponse: 'مرحبا' });
    await filled.update({ knowledge: 'The user keeps bees.' });
    await filled.flush();
    await filled.close();
    browser = await launchBrowser();
    ui = await startUi(folder, 'ida');
    // What is on its way from one colour to another has neither's contrast.
    page = await browser.newPage({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' });
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    page.on('request', (request) => {
      if (new URL(request.url()).hostname !== '127.0.0.1') foreign.push(request.url());
    });
    await page.goto(ui.link);
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  });

  afterAll(async () => {
    await browser?.close();
    if (ui !== undefined) await stopUi(ui.child);
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  const go = async (name: string) => {
    await page.evaluate(`location.hash = '#/${name}'`);
    await page.locator(`nav a[href="#/${name}"][aria-current="page"]`).waitFor();
  };

  it('are opened by a link that works once', async () => {
    const other = await (await browser.newContext()).newPage();
    await other.goto(ui.link);
    await other.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await other.getByRole('alert').textContent()).toContain('used already');
    expect(await page.title()).toContain('Overview');
    await other.context().close();
  });

  it.each(['light', 'dark'] as const)(
    'have no violation of accessibility rules on any page, %s',
    async (scheme) => {
      await page.emulateMedia({ colorScheme: scheme });
      for (const name of pageNames) {
        await go(name);
        await page.locator('main').getByText('Loading').waitFor({ state: 'detached' });
        await page.evaluate(axe);
        const violations = await page.evaluate(
          "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))",
        );
        expect({ name, violations }).toEqual({ name, violations: [] });
      }
      await page.emulateMedia({ colorScheme: 'light' });
    },
  );

  it('show what was said and run nothing of it', async () => {
    await go('timeline');
    await page.getByText('window.ran=1').first().waitFor();
    expect(await page.evaluate('window.ran')).toBeUndefined();
    expect(foreign).toEqual([]);
  });

  it('search the exchanges', async () => {
    await go('timeline');
    await page.getByLabel('Search in what was said').fill('hive 7 ');
    await page.getByText('1 exchange', { exact: true }).waitFor();
    await page.getByText('Entry 7:').waitFor();
    await page.getByLabel('Search in what was said').fill('');
  });

  it('ask as an agent does', async () => {
    await go('ask');
    await page.getByLabel('Question').fill('Which hive is full?');
    await page.keyboard.press('Enter');
    await page.getByText(/Found in/).waitFor();
    const latest = page.locator('section', { hasText: 'Latest exchanges' });
    await latest.getByText(/^\d+ exchanges$/).click();
    expect(await latest.locator('.exchange').count()).toBeGreaterThan(0);
    await page.getByLabel('Question').fill('What does hive 7 hold?');
    await page.keyboard.press('Enter');
    await page.locator('section', { hasText: 'Why it was found' }).getByText('Entry 7:').waitFor();
  });

  it('correct a fact by keyboard alone, take it back, and log both', async () => {
    await go('knowledge');
    await page.getByText('The user keeps bees.', { exact: false }).first().waitFor();
    await page.getByRole('button', { name: 'Correct' }).first().focus();
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'Correct' }).fill('The user keeps bees and hens.');
    await page.keyboard.press('Enter');
    await page.getByText('The user keeps bees and hens.').first().waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('The user keeps bees and hens.').waitFor({ state: 'detached' });
    await go('log');
    await page.getByText('Corrected').first().waitFor();
    expect(await page.locator('.log li').count()).toBeGreaterThanOrEqual(3);
  });

  it('say when another tab has changed the fact meanwhile', async () => {
    await go('knowledge');
    await page.getByRole('button', { name: 'Correct' }).first().click();
    const shown = await page.getByRole('textbox', { name: 'Correct' }).inputValue();
    const other = await memory();
    const { userFacts } = await other.longTerm();
    const fact = userFacts.find(({ knowledge }) => knowledge === shown);
    await page.getByRole('textbox', { name: 'Correct' }).fill('The user keeps wasps.');
    if (fact === undefined) throw new Error(`no fact reads ${shown}`);
    await other.update({ factId: fact.id, knowledge: 'The user keeps bees in Kent.' });
    await other.close();
    await page.keyboard.press('Enter');
    await page.getByText(/was changed meanwhile and reads now/).waitFor();
    await page.getByText('The user keeps bees in Kent.').first().waitFor();
  });

  it('show what another process adds, by themselves', async () => {
    await go('timeline');
    await page.locator('.exchange').first().waitFor();
    const other = await memory();
    await other.add({ userInput: 'The queen of hive 3 swarmed.', agentResponse: 'Oh.' });
    await other.close();
    await page.getByText('The queen of hive 3 swarmed.').waitFor({ timeout: 30_000 });
  });

  it('forget an exchange after showing what goes', async () => {
    await go('timeline');
    await page.getByText('The queen of hive 3 swarmed.').waitFor();
    await page.getByRole('button', { name: 'Forget' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('The queen of hive 3').waitFor();
    await dialog.getByRole('button', { name: 'Forget' }).click();
    await page.locator('.exchange').getByText('The queen of hive 3 swarmed.').waitFor({ state: 'detached' });
  });

  it('rename a topic', async () => {
    await go('topics');
    await page.getByRole('button', { name: 'Rename' }).first().click();
    await page.getByLabel('Name of the topic').fill('The apiary');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'The apiary' }).waitFor();
  });

  it('split a topic, merge it again, and log both', async () => {
    await go('topics');
    const topics = page.locator('ul.cards > li');
    const before = await topics.count();
    const apiary = page.locator('li', { has: page.getByRole('heading', { name: 'The apiary' }) });
    await apiary.getByRole('button', { name: 'Split' }).click();
    const split = page.getByRole('dialog');
    await split.getByRole('checkbox').first().check();
    await split.getByLabel('Name of the new topic').fill('One hive');
    await split.getByRole('button', { name: 'Split' }).click();
    await page.getByRole('heading', { name: 'One hive' }).waitFor();
    expect(await topics.count()).toBe(before + 1);
    await page.getByLabel('Choose One hive').check();
    await page.getByLabel('Choose The apiary').check();
    await page.getByRole('button', { name: 'Merge' }).click();
    const merge = page.getByRole('dialog');
    await merge.getByLabel(/^The apiary/).check();
    await merge.getByRole('button', { name: 'Merge' }).click();
    await page.getByRole('heading', { name: 'One hive' }).waitFor({ state: 'detached' });
    await page.getByRole('heading', { name: 'The apiary' }).waitFor();
    await go('log');
    for (const action of ['Renamed', 'Split', 'Merged']) await page.getByText(action).first().waitFor();
  });

  it('make a backup and restore it', async () => {
    await go('settings');
    await page.getByRole('button', { name: 'Back up now' }).click();
    await page.getByText('by hand').waitFor();
    await page.getByRole('button', { name: 'Restore' }).first().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Restore' }).click();
    await page.getByText('before a restore').waitFor({ timeout: 30_000 });
  });

  it('fit a narrow screen', async () => {
    await page.setViewportSize({ width: 360, height: 800 });
    for (const name of pageNames) {
      await go(name);
      const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      expect({ name, overflow }).toEqual({ name, overflow: 0 });
    }
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  it('say that the server is away, and let in again once it is back', async () => {
    const { port } = new URL(ui.link);
    await stopUi(ui.child);
    await page.getByText('The server does not answer.').waitFor({ timeout: 30_000 });
    ui = await startUi(folder, 'ida', port);
    // It is another process, which knows nothing of the old link.
    await page.getByRole('heading', { name: 'Sign in' }).waitFor({ timeout: 30_000 });
    await page.goto(ui.link);
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  });

  it('had no fault of their own', () => {
    expect(
      faults.filter((fault) => !/Failed to load resource|ERR_CONNECTION|EventSource/.test(fault)),
    ).toEqual([]);
  });
});
