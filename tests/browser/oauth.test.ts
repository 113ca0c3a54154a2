import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createMemory } from '../../src/index.js';
import { chromiumPath, launchBrowser } from '../support/browser.js';
import { makeFolder } from '../support/folders.js';
import { startBuiltServer } from '../support/http/built-server.js';
import { type Issuer, localIssuer } from '../support/http/issuer.js';

const audience = 'https://memory.test/mcp';
const clientId = 'the-pages';

describe.skipIf(chromiumPath === undefined).each([
  ['OpenID Connect', ['openid', 'memory:read', 'memory:write']],
  ['plain OAuth', ['memory:read', 'memory:write']],
])('signing in at an issuer of %s', (_kind, scopes) => {
  const children: ChildProcess[] = [];
  let place: Awaited<ReturnType<typeof makeFolder>>;
  let issuer: Issuer;
  let browser: Browser;
  let site: string;
  let context: BrowserContext;

  beforeAll(async () => {
    place = await makeFolder();
    issuer = await localIssuer({ signsIn: { clientId, sub: 'ann', resource: audience, scopes } });
    const config = path.join(place.folder, 'config.json');
    writeFileSync(
      config,
      JSON.stringify({ oauth_issuer: issuer.url, oauth_audience: audience, oauth_client_id: clientId }),
    );
    const memory = await createMemory({ user_id: 'ann', data_storage_path: place.folder });
    await memory.add({ userInput: 'The secret word of Ann is heron.', agentResponse: 'Noted.' });
    await memory.close();
    const args = ['--config', config, '--data', place.folder, '--port', '0'];
    const { url } = await startBuiltServer(place.folder, children, ...args);
    site = new URL('/', url).href;
    browser = await launchBrowser();
  });

  afterEach(async () => {
    issuer.changeTokens({});
    await context.close();
  });

  afterAll(async () => {
    await browser?.close();
    for (const child of children) child.kill('SIGKILL');
    await issuer?.close();
    await place?.remove();
  });

  async function begin(): Promise<Page> {
    context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(site);
    await page.getByRole('link', { name: /^Sign in at 127\.0\.0\.1/ }).click();
    await page.getByRole('link', { name: 'Allow' }).waitFor();
    return page;
  }

  const refused = async (page: Page, what: RegExp) => {
    await page.getByRole('alert').filter({ hasText: what }).waitFor();
    expect((await context.cookies()).map(({ name }) => name)).toEqual([]);
    expect(await page.evaluate("fetch('api/v1/session').then(({ status }) => status)")).toBe(401);
  };

  it('shows the memory of the person who signed in, and keeps the token where scripts cannot read it', async () => {
    const page = await begin();
    await page.getByRole('link', { name: 'Allow' }).click();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    expect(page.url()).not.toMatch(/code=|state=/);
    await page.evaluate("location.hash = '#/timeline'");
    await page.getByText('The secret word of Ann is heron.').waitFor();
    expect(await page.evaluate('document.cookie + JSON.stringify(localStorage)')).toBe('{}');
    const cookies = await context.cookies();
    expect(cookies).toMatchObject([{ name: 'memoryos_session', httpOnly: true, sameSite: 'Strict' }]);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    expect(await context.cookies()).toEqual([]);
  });

  it('reports that it was declined', async () => {
    const page = await begin();
    await page.getByRole('link', { name: 'Decline' }).click();
    await refused(page, /declined/);
  });

  it('refuses an answer to a sign-in that another browser has started', async () => {
    const page = await begin();
    const answer = await page.getByRole('link', { name: 'Allow' }).evaluate((link) => String(link));
    await context.clearCookies();
    await page.goto(answer);
    await refused(page, /another browser/);
    // An answer with the state of another attempt is refused too.
    await page.getByRole('link', { name: /^Sign in at/ }).click();
    await page.getByRole('link', { name: 'Allow' }).waitFor();
    await page.goto(answer);
    await refused(page, /not signed in/);
  });

  it('accepts a code only once', async () => {
    const page = await begin();
    const answer = await page.getByRole('link', { name: 'Allow' }).evaluate((link) => String(link));
    const [pending] = await context.cookies(`${site}api/v1/session/oauth/done`);
    await page.goto(answer);
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await context.clearCookies();
    if (pending !== undefined) await context.addCookies([pending]);
    await page.goto(answer);
    await refused(page, /not signed in/);
  });

  it('refuses a token for another server', async () => {
    issuer.changeTokens({ access: { aud: 'https://other.test/mcp' } });
    const page = await begin();
    await page.getByRole('link', { name: 'Allow' }).click();
    await refused(page, /may not use this memory/);
  });

  if (scopes.includes('openid')) {
    it('refuses an identity from another sign-in', async () => {
      issuer.changeTokens({ id: { nonce: 'of-another-sign-in' } });
      const page = await begin();
      await page.getByRole('link', { name: 'Allow' }).click();
      await refused(page, /not signed in/);
    });
  }

  it('reports that the issuer does not answer, and works again when it does', async () => {
    context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(site);
    issuer.failWith(500);
    const link = page.getByRole('link', { name: /^Sign in at/ });
    await link.click();
    await refused(page, /does not answer/);
    issuer.failWith(null);
    await link.click();
    await page.getByRole('link', { name: 'Allow' }).click();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  });
});
