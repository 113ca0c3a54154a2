import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writtenStory } from '../src/cli/demo/story.js';
import { createMemory } from '../src/index.js';
import { command, wholeNumbers } from './command.js';

const pages = ['overview', 'ask', 'timeline', 'topics', 'knowledge', 'profile', 'log', 'settings'];
const { widths } = command({
  call: 'npm run shots --',
  about:
    'Makes pictures of every page of the browser, light and dark, for a person to look at, in the folder .shots.',
  time: 'a minute.',
  needs: 'Chromium; CHROMIUM is its path if it is not found.',
})
  .option('--widths <n,...>', 'widths of the window in pixels', wholeNumbers, [390, 1280, 1920])
  .parse()
  .opts<{ widths: number[] }>();
// It says so if there is no Chromium, which the help does not need.
const { launchBrowser, startUi, stopUi } = await import('../tests/support/browser.js');
const settleMs = 600;

const folder = mkdtempSync(path.join(tmpdir(), 'memoryos-shots-'));
mkdirSync('.shots', { recursive: true });
const memory = await createMemory({ user_id: 'ines', data_storage_path: folder });
const { pages: told, questions } = await writtenStory();
await memory.addAll(
  told.map((page) => ({
    userInput: page.user_input,
    agentResponse: page.agent_response,
    timestamp: page.timestamp,
  })),
);
await memory.flush();
const { fact } = await memory.update({ knowledge: 'The user plays the viola.', by: 'ui' });
await memory.update({ factId: fact.fact_id, knowledge: 'The user plays the cello.', by: 'ui' });
await memory.update({ factId: fact.fact_id, pinned: true, by: 'tool' });
const [hottest] = await memory.segments();
if (hottest !== undefined) await memory.renameSegment(hottest.segment_id, 'The move to Hamburg', 'ui');
await memory.close();

const ui = await startUi(folder, 'ines');
const browser = await launchBrowser();
const page = await browser.newPage();
await page.goto(ui.link);
await page.evaluate("location.hash = '#/settings'");
await page.getByRole('button', { name: 'Back up now' }).click();
await page.getByText('by hand').waitFor();
for (const colorScheme of ['light', 'dark'] as const) {
  await page.emulateMedia({ colorScheme });
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 });
    for (const name of pages) {
      await page.evaluate(`location.hash = '#/${name}'`);
      await page.waitForTimeout(settleMs);
      if (name === 'ask') {
        await page.getByLabel('Question').fill(questions[0]?.ask ?? 'Where do I live?');
        await page.keyboard.press('Enter');
        await page.getByText(/Found in/).waitFor();
      }
      await page.screenshot({ path: path.join('.shots', `${name}-${width}-${colorScheme}.png`) });
    }
  }
}
await browser.close();
await stopUi(ui.child);
rmSync(folder, { recursive: true, force: true });
