import { type CallToolResult, Client, type ClientCapabilities } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { build } from 'esbuild';
import type { Browser, FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chromiumPath, launchBrowser, violationsIn } from '../support/browser.js';
import { cliPath, plainEnv } from '../support/cli-process.js';
import { makeFolder } from '../support/folders.js';

const hostile = 'The user likes <img src=x onerror="parent.ran=1"> very much.';

/** The permissions that hosts give a view that asks for none. */
const sandboxPolicy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'";

let place: Awaited<ReturnType<typeof makeFolder>>;
let client: Client;
let browser: Browser;
let page: Page;
let view: FrameLocator;
let html: string;
let hostScript: string;
const told: string[] = [];
const foreign: string[] = [];

async function call(name: string, args: Record<string, unknown> = {}): Promise<CallToolResult> {
  return (await client.callTool({ name, arguments: args })) as CallToolResult;
}

async function connected(mode: 'auto' | 'legacy', capabilities: ClientCapabilities): Promise<Client> {
  const connecting = new Client(
    { name: 'host', version: '1' },
    { capabilities, versionNegotiation: { mode } },
  );
  await connecting.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [cliPath, '--data', place.folder, '--log-level', 'error'],
      env: plainEnv(),
    }),
  );
  return connecting;
}

const known = async () => {
  const { structuredContent } = await call('get_user_profile');
  const { user_knowledge } = structuredContent as {
    user_knowledge: { fact_id: string; knowledge: string; pinned?: boolean }[];
  };
  return user_knowledge;
};

async function show(result: CallToolResult, theme: 'light' | 'dark' = 'light'): Promise<void> {
  await page.goto('http://host.example/');
  await page.evaluate(`show(${JSON.stringify(html)}, ${JSON.stringify(result)}, '${theme}')`);
  view = page.frameLocator('#view');
}

describe.skipIf(chromiumPath === undefined).each([
  ['2025-11-25', 'legacy'],
  ['2026-07-28', 'auto'],
] as const)('the view inside a chat, in revision %s', (version, mode) => {
  beforeAll(async () => {
    place = await makeFolder();
    client = await connected(mode, {
      extensions: { 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html;profile=mcp-app'] } },
    });
    expect(client.getNegotiatedProtocolVersion()).toBe(version);
    const { tools } = await client.listTools();
    const meta = tools.find(({ name }) => name === 'get_user_profile')?._meta as {
      readonly ui: { readonly resourceUri: string };
    };
    const uri = meta.ui.resourceUri;
    const { contents } = await client.readResource({ uri });
    expect(contents[0]?.mimeType).toBe('text/html;profile=mcp-app');
    html = String((contents[0] as { text?: string }).text).replace(
      '<head>',
      `<head><meta http-equiv="Content-Security-Policy" content="${sandboxPolicy}">`,
    );
    const built = await build({
      entryPoints: ['tests/browser/host/host.ts'],
      bundle: true,
      write: false,
      format: 'iife',
    });
    hostScript = built.outputFiles[0]?.text ?? '';
    browser = await launchBrowser();
  }, 60_000);

  beforeEach(async () => {
    for (const { fact_id } of await known()) {
      await call('forget_memory', { fact_ids: [fact_id], confirm: true });
    }
    told.length = 0;
    page = await browser.newPage();
    page.on('request', (request) => {
      if (!request.url().startsWith('http://host.example/')) foreign.push(request.url());
    });
    await page.route('http://host.example/', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<!doctype html><title>Host</title><iframe id="view" title="Memory" sandbox="allow-scripts" style="width:400px;height:600px"></iframe><script>${hostScript.replaceAll('</script', '<\\/script')}</script>`,
      }),
    );
    await page.exposeFunction('callTool', call);
    await page.exposeFunction('told', (text: string) => told.push(text));
    return () => page.close();
  });

  afterAll(async () => {
    await browser?.close();
    await client?.close();
    await place?.remove();
  });

  it('shows the facts of the profile; they are confirmed, corrected, pinned and forgotten there', async () => {
    await call('update_memory', { fact: 'The user keeps bees.' });
    await show(await call('get_user_profile'));
    await view.getByText('The user keeps bees.').waitFor();

    await view.getByRole('button', { name: 'Right' }).click();
    await view.getByText('The agent has been told').waitFor();
    expect(told).toEqual([expect.stringContaining('"The user keeps bees."')]);

    await view.getByRole('button', { name: 'Correct' }).click();
    await view.getByRole('textbox', { name: 'Correct' }).fill('The user keeps bees and hens.');
    await view.getByRole('button', { name: 'Save' }).click();
    await view.getByText('The user keeps bees and hens.').waitFor();
    expect(await known()).toMatchObject([{ knowledge: 'The user keeps bees and hens.' }]);
    expect(told.at(-1)).toContain('Now: "The user keeps bees and hens."');

    await view.getByRole('button', { name: 'Pin', exact: true }).click();
    await view.getByRole('button', { name: 'Unpin' }).waitFor();
    expect(await known()).toMatchObject([{ pinned: true }]);

    await view.getByRole('button', { name: 'Forget' }).click();
    const asking = view.getByRole('alertdialog');
    await asking.getByText('The user keeps bees and hens.').waitFor();
    expect(await known()).toHaveLength(1);
    await asking.getByRole('button', { name: 'Forget' }).click();
    await view.getByText('Forgotten.').waitFor();
    expect(await known()).toEqual([]);
  });

  it('shows the results for a question', async () => {
    await call('update_memory', { fact: 'The user lives in Porto.' });
    await call('add_memory', { user_input: 'How long is Rua das Flores?', agent_response: 'I do not know.' });
    const found = await call('retrieve_memory', { query: 'Where does the user live?', relevance_min: 0 });
    await show(found);
    await view.getByText('The user lives in Porto.').waitFor();
  });

  it("shows the server's refusal, and keeps the input", async () => {
    await call('update_memory', { fact: 'The user plays the cello.' });
    await call('update_memory', { fact: 'The user plays chess.' });
    const before = await known();
    await show(await call('get_user_profile'));
    const cello = view.locator('li', { hasText: 'plays the cello' });
    await cello.getByRole('button', { name: 'Correct' }).click();
    await view.getByRole('textbox').fill('The user plays chess.');
    await view.getByRole('button', { name: 'Save' }).click();
    await view.getByText(/already says this/).waitFor();
    expect(await view.getByRole('textbox').inputValue()).toBe('The user plays chess.');
    expect(await known()).toEqual(before);
  });

  it('does not execute stored text, loads nothing, follows the theme, and is accessible', async () => {
    await call('update_memory', { fact: hostile });
    for (const theme of ['light', 'dark'] as const) {
      await show(await call('get_user_profile'), theme);
      await view.getByText('onerror=').waitFor();
      const frame = page.frames()[1];
      expect(await frame?.evaluate('document.documentElement.style.colorScheme')).toBe(theme);
      const violations = frame && (await violationsIn(frame));
      expect({ theme, violations }).toEqual({ theme, violations: [] });
    }
    expect(await page.evaluate('window.ran')).toBeUndefined();
    expect(foreign.filter((url) => !url.startsWith('about:') && !url.startsWith('data:'))).toEqual([]);
  });

  it('is named by two tools to hosts that show views, and by none to others', async () => {
    const named = async (one: Client) =>
      (await one.listTools()).tools.filter(({ _meta }) => _meta !== undefined).map(({ name }) => name);
    expect(await named(client)).toEqual(['retrieve_memory', 'get_user_profile']);
    const plain = await connected(mode, {});
    expect(await named(plain)).toEqual([]);
    for (const one of [client, plain]) {
      const { resources } = await one.listResources();
      expect(resources.filter(({ uri }) => uri.startsWith('ui:'))).toEqual([]);
    }
    await plain.close();
  });
});
