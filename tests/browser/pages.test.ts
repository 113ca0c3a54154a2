import { type ChildProcess, execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemory } from '../../src/index.js';
import { type PageName, pageNames } from '../../src/ui/page-names.js';
import { chromiumPath, goTo, launchBrowser, startUi, stopUi, violationsIn } from '../support/browser.js';

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
    // During a transition between two colours, the contrast is wrong.
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

  const go = (name: PageName) => goTo(page, name);

  it('are opened by a link that works once', async () => {
    const other = await (await browser.newContext()).newPage();
    await other.goto(ui.link);
    await other.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await other.getByRole('alert').textContent()).toContain('already been used');
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
        const violations = await violationsIn(page);
        expect({ name, violations }).toEqual({ name, violations: [] });
      }
      await page.emulateMedia({ colorScheme: 'light' });
    },
  );

  it('say on the overview when analysis fails', async () => {
    await page.route('**/api/v1/overview', async (route) => {
      const answer = await (await route.fetch()).json();
      answer.stats.analysis.last_error = 'The provider refuses the key.';
      await route.fulfill({ json: answer });
    });
    await go('overview');
    const health = page.getByRole('region', { name: 'Health' });
    await health.getByRole('listitem').filter({ hasText: 'The provider refuses the key.' }).waitFor();
    await page.unroute('**/api/v1/overview');
    await go('log');
    await go('overview');
    await health.getByText('All stored data is readable').waitFor();
  });

  it('show stored text and do not execute it', async () => {
    await go('timeline');
    await page.getByText('window.ran=1').first().waitFor();
    expect(await page.evaluate('window.ran')).toBeUndefined();
    expect(foreign).toEqual([]);
  });

  it('show the beginning of a line of 1 MB, and stay within the screen', async () => {
    const other = await memory();
    await other.add({ userInput: `Endless${'x'.repeat(1_000_000)}`, agentResponse: 'y'.repeat(1000) });
    await other.close();
    await go('timeline');
    const card = page.locator('.exchange', { hasText: 'Endless' }).first();
    await card.waitFor();
    expect((await card.textContent())?.length).toBeLessThan(2000);
    await card.getByRole('button', { name: '+999,407' }).click();
    await expect.poll(async () => (await card.textContent())?.length).toBeGreaterThan(1_000_000);
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
    await go('log');
  });

  it('search the exchanges', async () => {
    await go('timeline');
    await page.getByLabel('Search the exchanges').fill('hive 7 ');
    await page.getByText('1 exchange', { exact: true }).waitFor();
    await page.getByText('Entry 7:').waitFor();
    await page.getByLabel('Search the exchanges').fill('');
  });

  it('ask as an agent does', async () => {
    await go('ask');
    await page.getByLabel('Question').fill('Which hive is full?');
    await page.keyboard.press('Enter');
    await page.getByText(/Found in [\d.]+ ms, \d+ tokens\. Relevance floor 0\.\d\d/).waitFor();
    expect(await page.locator('.relevance .floor').count()).toBe(await page.locator('.relevance').count());
    const latest = page.locator('section', { hasText: 'Latest exchanges' });
    await latest.getByText(/^\d+ exchanges$/).click();
    expect(await latest.locator('.exchange').count()).toBeGreaterThan(0);
    await page.getByRole('searchbox', { name: 'Question' }).fill('What does hive 7 hold?');
    await page.keyboard.press('Enter');
    await page.locator('section', { hasText: 'Why it was found' }).getByText('Entry 7:').waitFor();
  });

  it('correct a fact by keyboard alone, undo it, and log both', async () => {
    await go('knowledge');
    await page.getByText('The user keeps bees.', { exact: false }).first().waitFor();
    await page.getByRole('button', { name: 'Correct' }).first().focus();
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'Correct' }).fill('The user keeps bees and hens.');
    await page.keyboard.press('Enter');
    const hens = page.locator('p.fact', { hasText: 'The user keeps bees and hens.' });
    await hens.waitFor();
    // The change can be undone while the pages are open.
    await go('profile');
    await go('knowledge');
    await page.getByRole('button', { name: 'Undo' }).click();
    await hens.waitFor({ state: 'detached' });
    await page.locator('p.fact', { hasText: /^The user keeps bees\.\s*$/ }).waitFor();
    expect(await page.getByRole('button', { name: 'Undo' }).count()).toBe(0);
    await go('log');
    await page.getByText('Corrected').first().waitFor();
    expect(await page.locator('.log li').count()).toBeGreaterThanOrEqual(3);
  });

  it('show the earlier text of a fact, who changed it, and when', async () => {
    await go('knowledge');
    const card = page.locator('li.card', { has: page.locator('p.fact', { hasText: /keeps bees\.\s*$/ }) });
    await card.getByText('History').click();
    const [first, second] = await card.locator('details li').allTextContents();
    expect(first).toMatch(/^The user keeps bees and hens\. corrected by these pages, .*20\d\d/);
    expect(second).toMatch(/^The user keeps bees\. corrected by these pages, .*20\d\d/);
  });

  it('show which fact superseded which, and their periods', async () => {
    const other = await memory();
    await other.add({
      userInput: 'I live in Porto.',
      agentResponse: 'Noted.',
      timestamp: '2026-01-05T09:00:00Z',
    });
    await other.add({
      userInput: 'I live in Lyon now.',
      agentResponse: 'Noted.',
      timestamp: '2026-05-06T09:00:00Z',
    });
    await other.flush();
    await other.close();
    await go('knowledge');
    const card = page.locator('li.card', { has: page.locator('p.fact', { hasText: 'Lyon' }) }).filter({
      has: page.getByText('History'),
    });
    await card.first().getByText('History').click();
    const told = await card.first().locator('details li').first().textContent();
    expect(told).toMatch(/Porto.*January 5, 2026 – May 6, 2026, replaced by “.*Lyon/);
  });

  it('undo an added fact permanently', async () => {
    await go('knowledge');
    await page.getByLabel('One sentence').fill('The user plays the cello.');
    await page.keyboard.press('Enter');
    const cello = page.locator('p.fact', { hasText: 'The user plays the cello.' });
    await cello.waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await cello.waitFor({ state: 'detached' });
    const other = await memory();
    const { userFacts } = await other.longTerm();
    expect(userFacts.map(({ knowledge }) => knowledge)).not.toContain('The user plays the cello.');
    await other.close();
  });

  it('report that a fact was superseded a second ago, and show the newer one', async () => {
    const other = await memory();
    await other.add({ userInput: 'I work at Arup.', agentResponse: 'Noted.' });
    await other.flush();
    await go('knowledge');
    const card = page.locator('li.card', { has: page.locator('p.fact', { hasText: 'Arup' }) }).first();
    await card.getByRole('button', { name: 'Correct' }).click();
    await page.getByRole('textbox', { name: 'Correct' }).fill('The user works at Arup in Leeds.');
    // The page is not notified of the changes in between.
    await page.route('**/api/v1/knowledge', (route) => route.abort());
    await other.add({ userInput: 'I now work at Ramboll.', agentResponse: 'Noted.' });
    await other.flush();
    const { userFacts } = await other.longTerm();
    const superseded = userFacts.find(({ knowledge }) => knowledge.includes('Arup'));
    expect(superseded?.superseded_by).not.toBeNull();
    await other.close();
    await page.unroute('**/api/v1/knowledge');
    await page.getByRole('textbox', { name: 'Correct' }).first().press('Enter');
    await page.getByText(/was superseded by fact .*Ramboll/).waitFor();
    await page.locator('p.fact', { hasText: 'Ramboll' }).first().waitFor();
    await go('overview');
  });

  it('list the facts that are deleted with an exchange before forgetting it', async () => {
    await go('timeline');
    await page.getByLabel('Search the exchanges').fill('I now work at Ramboll');
    await page.getByText('1 exchange', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Forget' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('I now work at Ramboll.').waitFor();
    expect(await dialog.getByRole('listitem').allTextContents()).toContainEqual(
      expect.stringMatching(/^(The user|Works).*Ramboll/i),
    );
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.locator('.exchange', { hasText: 'Ramboll' }).waitFor();
    await page.getByLabel('Search the exchanges').fill('');
  });

  it('report that another tab has changed the fact meanwhile', async () => {
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
    await page.getByText(/was changed meanwhile\. Its text is now/).waitFor();
    await page.getByText('The user keeps bees in Kent.').first().waitFor();
    await page.getByRole('button', { name: 'Cancel' }).first().click();
  });

  it('show what another process adds, without reloading', async () => {
    await go('timeline');
    await page.locator('.exchange').first().waitFor();
    const other = await memory();
    await other.add({ userInput: 'The queen of hive 3 swarmed.', agentResponse: 'Oh.' });
    await other.close();
    await page.getByText('The queen of hive 3 swarmed.').waitFor({ timeout: 30_000 });
  });

  it('forget an exchange after showing what is deleted', async () => {
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
    const topics = page.locator('article.card');
    await page.getByRole('heading', { name: 'The apiary' }).waitFor();
    const before = await topics.count();
    const apiary = page.locator('article', { has: page.getByRole('heading', { name: 'The apiary' }) });
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

  it('refuse to restore a damaged backup, say so, and lose nothing', async () => {
    await go('timeline');
    await page.getByText(/^\d+ exchanges$/).waitFor();
    const before = await page.getByText(/^\d+ exchanges$/).textContent();
    const folder_ = path.join(folder, 'backups');
    const names = await readdir(folder_, { recursive: true });
    const latest = names
      .filter((name) => /\.jsonl(\.gz)?$/.test(name))
      .map((name) => path.join(folder_, name));
    expect(latest.length).toBeGreaterThan(0);
    for (const file of latest) await writeFile(file, (await readFile(file)).subarray(0, 300));
    await go('settings');
    await page.getByRole('button', { name: 'Restore' }).first().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Restore' }).click();
    await page
      .getByRole('status')
      .getByText(/damaged|incomplete|ends|cut/i)
      .first()
      .waitFor();
    await go('timeline');
    await page.getByText(String(before), { exact: true }).waitFor();
  });

  it('import a history with progress, and report a wrong file', async () => {
    await go('settings');
    const input = page.locator('input[type="file"]');
    await input.setInputFiles({
      name: 'holiday.jpg',
      mimeType: 'image/jpeg',
      buffer: Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]),
    });
    const refusal = page.locator('section', { hasText: 'Import' }).locator('.notice');
    await refusal.waitFor();
    expect(await refusal.textContent()).toContain('holiday.jpg');
    expect(await refusal.textContent()).not.toContain(tmpdir());
    const other = await createMemory({ user_id: 'max', data_storage_path: folder });
    await other.add({ userInput: 'The heron is back at the pond.', agentResponse: 'Lovely.' });
    await other.flush();
    await other.close();
    const file = path.join(folder, 'max.jsonl');
    execFileSync(process.execPath, [
      ...['dist/cli/main.js', 'export', file, '--user', 'max', '--data', folder],
    ]);
    await input.setInputFiles(file);
    await page.getByText(/Imported from max/).waitFor();
    await go('timeline');
    await page.getByText('The heron is back at the pond.').first().waitFor();
  });

  it('show right-to-left text from right to left', async () => {
    await go('timeline');
    await page.getByLabel('Search the exchanges').fill('مرحبا');
    const said = page.locator('.exchange p', { hasText: 'مرحبا' }).first();
    await said.waitFor();
    const directions = await page.evaluate(
      "[...document.querySelectorAll('.exchange p, input')].filter((one) => /مرحبا/.test(one.value ?? one.textContent)).map((one) => getComputedStyle(one).direction)",
    );
    expect(directions).toEqual(['rtl', 'rtl']);
    await page.getByLabel('Search the exchanges').fill('');
    await page.evaluate("document.documentElement.dir = 'rtl'");
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      for (const name of pageNames) {
        await go(name);
        const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        expect({ name, width, overflow }).toEqual({ name, width, overflow: 0 });
      }
    }
    await page.evaluate("document.documentElement.dir = ''");
  });

  it('work by keyboard alone: every page, renaming a topic, leaving a dialog', async () => {
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.reload();
    await page.getByRole('heading', { level: 1 }).waitFor();
    const tabTo = async (matches: string, most = 60) => {
      for (let i = 0; i < most; i += 1) {
        await page.keyboard.press('Tab');
        const name = await page.evaluate(
          "(document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent).trim()",
        );
        if (name === matches) return;
      }
      throw new Error(`no Tab leads to ${matches}`);
    };
    await tabTo('Topics');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Topics' }).waitFor();
    await tabTo('Rename');
    const outlined = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
    expect(outlined).not.toBe('none');
    await page.keyboard.press('Enter');
    await page.getByLabel('Name of the topic').focus();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('By keyboard');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'By keyboard' }).waitFor();
    await page.evaluate('document.activeElement.blur()');
    await tabTo('What I know');
    await page.keyboard.press('Enter');
    await page.locator('p.fact').first().waitFor();
    await tabTo('Forget');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    expect(await page.evaluate("document.activeElement.closest('dialog') !== null")).toBe(true);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
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

  it('filter the exchanges by dates, side and project', async () => {
    const other = await memory();
    await other.addAll([
      { userInput: 'The kiln is hot.', timestamp: '2025-05-02T12:00:00Z', project: 'pottery' },
      { agentResponse: 'Your kiln has cooled.', timestamp: '2025-05-03T12:00:00Z', project: 'pottery' },
      { userInput: 'The kiln of a friend.', agentResponse: 'Ah.', timestamp: '2025-05-04T12:00:00Z' },
    ]);
    await other.close();
    await go('timeline');
    const status = page.getByRole('status').getByText(/^\d+ exchanges?$/);
    const shown = async (count: string, ...said: string[]) => {
      await status.filter({ hasText: new RegExp(`^${count}$`) }).waitFor();
      // The filters before may have had the same count, and their exchanges are shown until the answer arrives.
      await expect
        .poll(() => page.locator('.exchange').allTextContents())
        .toEqual(said.map((one) => expect.stringContaining(one)));
    };
    await page.getByLabel('Search the exchanges').fill('kiln');
    await shown('3 exchanges', 'of a friend', 'has cooled', 'is hot');
    await page.getByLabel('From').fill('2025-05-03');
    await shown('2 exchanges', 'of a friend', 'has cooled');
    await page.getByLabel('To', { exact: true }).fill('2025-05-03');
    await shown('1 exchange', 'has cooled');
    await page.getByLabel('From').fill('');
    await page.getByLabel('To', { exact: true }).fill('');
    await page.getByLabel('Said by').selectOption('user');
    await shown('2 exchanges', 'of a friend', 'is hot');
    await page.getByRole('button', { name: 'Project pottery' }).click();
    await shown('1 exchange', 'is hot');
    await page.getByLabel('Said by').selectOption('');
    await shown('2 exchanges', 'has cooled', 'is hot');
    await page.getByLabel('Project', { exact: true }).fill('');
    await page.getByLabel('Search the exchanges').fill('');
  });

  it('keep the scroll position when another process adds something', async () => {
    const other = await memory();
    const startMs = Date.now() - 300 * 60_000;
    const said = (i: number) => ({
      userInput: `Row ${i}.`,
      timestamp: new Date(startMs + i * 60_000).toISOString(),
    });
    await other.addAll(Array.from({ length: 260 }, (_, i) => said(i)));
    await go('overview');
    await go('timeline');
    await page.getByText('Row 259.', { exact: true }).waitFor();
    // Far enough that the following pieces were asked for. A step is shorter than the rows that it looks for.
    const rows = page.getByText(/^Row \d\d\.$/);
    await expect
      .poll(async () => {
        if ((await rows.count()) > 0) return true;
        await page.evaluate(`(async () => {
          document.querySelector('.virtual').scrollTop += 2000;
          for (let i = 0; i < 2; i += 1) await new Promise(requestAnimationFrame);
        })()`);
        return false;
      })
      .toBe(true);
    const before = Number(await page.evaluate("document.querySelector('.virtual').scrollTop"));
    const total = Number.parseInt((await page.getByText(/^\d+ exchanges$/).textContent()) ?? '', 10);
    await other.add(said(260));
    await page.getByText(`${total + 1} exchanges`, { exact: true }).waitFor();
    // Measuring rows again may move it by one row. A list that was loaded from its beginning would be far shorter.
    const after = Number(await page.evaluate("document.querySelector('.virtual').scrollTop"));
    expect(Math.abs(after - before)).toBeLessThan(1000);
    expect(await rows.count()).toBeGreaterThan(0);
    await other.close();
  });

  it('report what does not exist (any more), and change nothing', async () => {
    const answers = await page.evaluate(`(async () => {
      const send = async (method, path, body) => {
        const response = await fetch('api/v1' + path, {
          method,
          headers: { 'X-MemoryOS': '1', 'Content-Type': 'application/json' },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        const { error } = await response.json();
        return [response.status, error?.code, error?.message];
      };
      const fact = 'fc_000000000000000000000', pageId = 'pg_000000000000000000000', segment = 'sg_000000000000000000000';
      return [
        await send('PATCH', '/facts/' + fact, { knowledge: 'Anything.' }),
        await send('PATCH', '/segments/' + segment, { theme: 'Anything' }),
        await send('POST', '/segments/' + segment + '/merge', { from: [segment] }),
        await send('POST', '/segments/' + segment + '/split', { page_ids: [pageId] }),
        await send('GET', '/exchanges?after=' + pageId),
        await send('GET', '/segments?after=2026-01-01T00:00:00.000Z_' + segment),
        await send('POST', '/forget', { page_ids: [pageId] }),
        await send('POST', '/backups/never-made.jsonl.gz/restore', {}),
        await send('PATCH', '/facts/no-id', { knowledge: 'Anything.' }),
        await send('GET', '/nothing'),
      ];
    })()`);
    const told = answers as [number, string, string][];
    expect(told.map(([status, code]) => `${status} ${code}`)).toEqual([
      '404 NOT_FOUND',
      '404 NOT_FOUND',
      expect.stringMatching(/^(404 NOT_FOUND|400 INPUT_INVALID)$/),
      '404 NOT_FOUND',
      '404 NOT_FOUND',
      '404 NOT_FOUND',
      '404 NOT_FOUND',
      '404 NOT_FOUND',
      '400 INPUT_INVALID',
      '404 REFUSED',
    ]);
    for (const [, , message] of told) expect(message.length).toBeGreaterThan(20);
  });

  it('report that the server is unavailable, and sign in again when it is back', async () => {
    const { port } = new URL(ui.link);
    await stopUi(ui.child);
    await page.getByText('The server does not answer.').waitFor({ timeout: 30_000 });
    ui = await startUi(folder, 'ida', port);
    // The new process does not know the old link.
    await page.getByRole('heading', { name: 'Sign in' }).waitFor({ timeout: 30_000 });
    await page.goto(ui.link);
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  });

  it('caused no error in the console', () => {
    expect(
      faults.filter((fault) => !/Failed to load resource|ERR_CONNECTION|EventSource/.test(fault)),
    ).toEqual([]);
  });
});
