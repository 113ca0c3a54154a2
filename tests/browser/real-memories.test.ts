import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseLocomo } from '../../src/cli/demo/locomo.js';
import { createMemory } from '../../src/index.js';
import { type PageName, pageNames } from '../../src/ui/page-names.js';
import { chromiumPath, goTo, launchBrowser, startUi, stopUi, violationsIn } from '../support/browser.js';
import { fillLargeMemory } from '../support/large-memory.js';

// The data set may not be part of this repository; docs/benchmarks.md says where to get it.
const locomoFile = process.env.LOCOMO ?? path.resolve('../shared/data/locomo/dev.json');
const hasLocomo = existsSync(locomoFile);
if (!hasLocomo)
  process.stderr.write(`The pages are not tested with a conversation of LoCoMo: no ${locomoFile}.\n`);

/** Fills a memory. Returns how many exchanges it has and a question with a word of the answer. */
type Fill = (folder: string) => Promise<{ exchanges: number; question: string }>;

async function fillConversation(folder: string): Promise<{ exchanges: number; question: string }> {
  const [conversation] = parseLocomo(readFileSync(locomoFile, 'utf8'));
  if (conversation === undefined) throw new Error(`There is no conversation in ${locomoFile}.`);
  const memory = await createMemory({ user_id: 'ida', data_storage_path: folder });
  for (const page of conversation.pages) {
    await memory.add({
      userInput: page.user_input,
      agentResponse: page.agent_response,
      timestamp: page.timestamp,
    });
  }
  await memory.flush();
  await memory.close();
  const [question] = conversation.questions.filter(({ category }) => category === 4);
  return { exchanges: conversation.pages.length, question: question?.question ?? '' };
}

async function fillHundredThousand(folder: string): Promise<{ exchanges: number; question: string }> {
  await fillLargeMemory(folder, 'ida', 100_000);
  return { exchanges: 100_000, question: 'What did I say about the tomatoes?' };
}

const memories: readonly [name: string, fill: Fill, isThere: boolean][] = [
  ['a conversation of LoCoMo', fillConversation, hasLocomo],
  ['100,000 exchanges', fillHundredThousand, true],
];

describe.each(memories.filter(([, , isThere]) => isThere && chromiumPath !== undefined))(
  'the pages over %s',
  (_, fill) => {
    let folder: string;
    let browser: Browser;
    let ui: { child: ChildProcess; link: string };
    let page: Page;
    let exchanges = 0;
    let question = '';
    const faults: string[] = [];

    beforeAll(async () => {
      folder = await mkdtemp(path.join(tmpdir(), 'memoryos-real-'));
      ({ exchanges, question } = await fill(folder));
      browser = await launchBrowser();
      ui = await startUi(folder, 'ida');
      page = await browser.newPage({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' });
      page.on('pageerror', (error) => faults.push(error.message));
      await page.goto(ui.link);
      await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    }, 300_000);

    afterAll(async () => {
      await browser?.close();
      if (ui !== undefined) await stopUi(ui.child);
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    });

    const go = async (name: PageName) => {
      await goTo(page, name);
      await page.locator('main').getByText('Loading').waitFor({ state: 'detached' });
    };

    it('show every page without a fault and without a violation of accessibility', async () => {
      for (const name of pageNames) {
        await go(name);
        const violations = await violationsIn(page);
        expect({ name, violations }).toEqual({ name, violations: [] });
      }
      expect(faults).toEqual([]);
    }, 120_000);

    it('count every exchange, and scroll from the newest to older ones', async () => {
      await go('timeline');
      await page.locator('.exchange').first().waitFor();
      await page
        .getByText(new RegExp(`\\b${exchanges.toLocaleString('en')}\\b`))
        .first()
        .waitFor();
      const newest = await page.locator('.exchange').first().textContent();
      for (let i = 0; i < 40; i += 1) {
        await page.evaluate("document.querySelector('.virtual').scrollTop += 2000");
        await page.evaluate(
          'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))',
        );
      }
      await page.locator('.exchange').first().waitFor();
      expect(await page.locator('.exchange').first().textContent()).not.toBe(newest);
      // Only items on the screen are drawn.
      expect(await page.locator('.exchange').count()).toBeLessThan(60);
    }, 120_000);

    it('find an exchange by a question', async () => {
      await go('ask');
      await page.getByLabel('Question').fill(question);
      await page.keyboard.press('Enter');
      await page.getByText(/Found in [\d.]+ ms, \d+ tokens/).waitFor({ timeout: 60_000 });
      expect(await page.locator('.relevance').count()).toBeGreaterThan(0);
    }, 120_000);
  },
);
