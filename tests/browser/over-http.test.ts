import { type ChildProcess, execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemory } from '../../src/index.js';
import { chromiumPath, launchBrowser } from '../support/browser.js';
import { makeFolder } from '../support/folders.js';
import { startBuiltServer } from '../support/http/built-server.js';
import { type Issuer, localIssuer } from '../support/http/issuer.js';

const children: ChildProcess[] = [];
let place: Awaited<ReturnType<typeof makeFolder>>;
let browser: Browser;
let issuer: Issuer;
let site: string;
let tokens: Record<'ann' | 'bob', { token: string; id: string }>;

function cli(...args: string[]): string {
  return execFileSync(process.execPath, ['dist/cli/main.js', '--data', place.folder, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

function tokenOf(user: string) {
  const token = cli('--user', user, 'token', 'create').trim();
  const all = JSON.parse(cli('token', 'list', '--json')) as { token_id: string; user_id: string }[];
  return { token, id: all.find(({ user_id }) => user_id === user)?.token_id ?? '' };
}

async function memoryOf(user: string) {
  return createMemory({ user_id: user, data_storage_path: place.folder });
}

async function signedIn(token: string): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(site);
  await page.getByLabel('Token').fill(token);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  return { context, page };
}

const go = async (page: Page, name: string) => {
  await page.evaluate(`location.hash = '#/${name}'`);
  await page.locator(`nav a[href="#/${name}"][aria-current="page"]`).waitFor();
};

async function start(port = '0'): Promise<ChildProcess> {
  const config = path.join(place.folder, 'config.json');
  const { child, url } = await startBuiltServer(
    place.folder,
    children,
    ...['--config', config, '--data', place.folder, '--port', port],
  );
  site = new URL('/', url).href;
  return child;
}

async function stop(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}

describe.skipIf(chromiumPath === undefined)('the pages of the HTTP server', () => {
  let server: ChildProcess;

  beforeAll(async () => {
    place = await makeFolder();
    issuer = await localIssuer();
    writeFileSync(
      path.join(place.folder, 'config.json'),
      JSON.stringify({ oauth_issuer: issuer.url, oauth_audience: 'https://memory.test/mcp' }),
    );
    for (const [user, said] of [
      ['ann', 'The secret word of Ann is heron.'],
      ['bob', 'Bob paints boats.'],
    ] as const) {
      const memory = await memoryOf(user);
      await memory.add({ userInput: said, agentResponse: 'Noted.' });
      await memory.update({ knowledge: `The user is called ${user}.` });
      await memory.close();
    }
    tokens = { ann: tokenOf('ann'), bob: tokenOf('bob') };
    server = await start();
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    for (const child of children) child.kill('SIGKILL');
    await issuer?.close();
    await place?.remove();
  });

  it('refuse a wrong token, and keep a right one where scripts cannot read it', async () => {
    const page = await browser.newPage();
    await page.goto(site);
    await page.getByLabel('Token').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Sign in');
    await page.getByLabel('Token').fill(tokens.bob.token);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    expect(await page.evaluate('document.cookie + JSON.stringify(localStorage)')).toBe('{}');
    expect(await page.content()).not.toContain(tokens.bob.token);
    await page.close();
  });

  it('show each user their own memory only, on every page and in every answer', async () => {
    const { context, page } = await signedIn(tokens.bob.token);
    const answers: Promise<string>[] = [];
    page.on('response', (response) => {
      if (response.url().includes('/api/') && !response.url().endsWith('/changes')) {
        answers.push(response.text().catch(() => ''));
      }
    });
    for (const name of ['overview', 'timeline', 'topics', 'knowledge', 'profile', 'log', 'settings']) {
      await go(page, name);
      await page.waitForLoadState('networkidle').catch(() => undefined);
    }
    await go(page, 'ask');
    await page.getByLabel('Question').fill('What is the secret word of Ann?');
    await page.keyboard.press('Enter');
    await page.getByText(/Found in/).waitFor();
    const told = (await Promise.all(answers)).join('\n');
    expect(told).toContain('Bob paints boats.');
    expect(told.replaceAll('What is the secret word of Ann?', '')).not.toMatch(/heron|\bann\b/i);
    // An id that Bob cannot know does not help either.
    const ann = await memoryOf('ann');
    const { exchanges } = await ann.timeline();
    const { userFacts } = await ann.longTerm();
    await ann.close();
    const refused = await page.evaluate(`(async () => {
      const send = async (path, body, method = 'POST') =>
        (await fetch('api/v1' + path, {
          method,
          headers: { 'X-MemoryOS': '1', 'Content-Type': 'application/json' },
          body: JSON.stringify(body),
        })).json();
      return [
        await send('/exchanges/lookup', { page_ids: ['${exchanges[0]?.id}'] }),
        await send('/forget', { page_ids: ['${exchanges[0]?.id}'], confirm: true }),
        await send('/facts/${userFacts[0]?.id}', { knowledge: 'Mine.' }, 'PATCH'),
      ];
    })()`);
    expect(JSON.stringify(refused)).not.toMatch(/heron/);
    expect(refused).toMatchObject([
      { exchanges: [] },
      { error: { code: 'NOT_FOUND' } },
      { error: { code: 'NOT_FOUND' } },
    ]);
    await context.close();
  });

  it('notify only the user whose memory has changed', async () => {
    const ann = await signedIn(tokens.ann.token);
    const bob = await signedIn(tokens.bob.token);
    await go(ann.page, 'timeline');
    await go(bob.page, 'timeline');
    await bob.page.getByText('Bob paints boats.').waitFor();
    const asked: string[] = [];
    bob.page.on('request', (request) => asked.push(request.url()));
    const memory = await memoryOf('ann');
    await memory.add({ userInput: 'Ann saw a kingfisher.', agentResponse: 'Nice.' });
    await memory.close();
    await ann.page.getByText('Ann saw a kingfisher.').waitFor();
    expect(asked).toEqual([]);
    await ann.context.close();
    await bob.context.close();
  });

  it('refuse the later of two tabs that correct one fact, and keep its input', async () => {
    const { context, page } = await signedIn(tokens.ann.token);
    const other = await context.newPage();
    await other.goto(`${site}#/knowledge`);
    await go(page, 'knowledge');
    for (const [tab, text] of [
      [page, 'The user is called Anna.'],
      [other, 'The user is called Annie.'],
    ] as const) {
      await tab.getByRole('button', { name: 'Correct' }).first().click();
      await tab.getByRole('textbox', { name: 'Correct' }).fill(text);
    }
    await page.keyboard.press('Enter');
    await page.locator('p.fact', { hasText: 'Anna.' }).waitFor();
    await other.getByRole('textbox', { name: 'Correct' }).press('Enter');
    const refusal = other.locator('.notice', { hasText: /Its text is now: "The user is called Anna\."/ });
    await refusal.waitFor();
    expect(await other.getByRole('textbox', { name: 'Correct' }).inputValue()).toBe(
      'The user is called Annie.',
    );
    await context.close();
  });

  it('continue automatically after the network was unavailable', async () => {
    const { context, page } = await signedIn(tokens.ann.token);
    await go(page, 'timeline');
    await context.setOffline(true);
    await stop(server);
    await page.getByText('The server does not answer.').waitFor({ timeout: 30_000 });
    const memory = await memoryOf('ann');
    await memory.add({ userInput: 'The wren sang while nobody listened.', agentResponse: 'Ah.' });
    await memory.close();
    server = await start(new URL(site).port);
    await context.setOffline(false);
    // The token is still valid, so no sign-in is needed, and the missed changes are shown.
    await page.getByText('The wren sang while nobody listened.').waitFor({ timeout: 30_000 });
    await page.getByText('The server does not answer.').waitFor({ state: 'detached' });
    await context.close();
  });

  it('ask for a token again after it was revoked, and show nothing more', async () => {
    const { context, page } = await signedIn(tokens.bob.token);
    await go(page, 'timeline');
    await page.getByText('Bob paints boats.').waitFor();
    cli('token', 'revoke', tokens.bob.id);
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor({ timeout: 30_000 });
    expect(await page.content()).not.toContain('Bob paints boats.');
    await context.close();
  });

  it("ask for a token again after the issuer's token has expired", { timeout: 60_000 }, async () => {
    const token = await issuer.token({ sub: 'ann' }, { expiresIn: '3s' });
    const { context, page } = await signedIn(token);
    await go(page, 'timeline');
    await page.getByText('The secret word of Ann is heron.').waitFor();
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor({ timeout: 40_000 });
    expect(await page.getByRole('alert').textContent()).toMatch(/expired/);
    await context.close();
  });
});
