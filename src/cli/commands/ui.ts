import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Command } from 'commander';
import { wholeNumber } from '../output.js';
import { pagesFolder } from '../package-info.js';
import { closingAfter, openEngine, type Settings, serverSettings } from '../settings.js';

/** `ui`: shows the memory in the browser. */
export function uiCommand(): Command {
  return new Command('ui')
    .description('show, search and correct the memory in a browser')
    .option('--no-open', 'only print the link')
    .option('--ui-port <n>', 'the port to listen on (default: a free one)', wholeNumber)
    .addHelpText(
      'after',
      '\nOnly this machine can open the pages. The link works once.\n\nExample:\n  $ memoryos-mcp ui\n  $ memoryos-mcp ui --user alice --no-open',
    )
    .action(async (options: { open: boolean; uiPort?: number }, command: Command) => {
      await serveUi(await serverSettings(command.optsWithGlobals()), options);
    });
}

async function serveUi(settings: Settings, options: { open: boolean; uiPort?: number }): Promise<void> {
  const [{ default: express }, { createSite }, { LinkAccess }, { guard }, operations] = await Promise.all([
    import('express'),
    import('../../api/site.js'),
    import('../../api/access.js'),
    import('../../mcp/http/guard.js'),
    import('../site-operations.js').then(({ siteOperations }) => siteOperations(settings)),
  ]);
  await closingAfter(await openEngine(settings), async (memory) => {
    const host = '127.0.0.1';
    const scopes = new Set(['memory:read', 'memory:write']);
    const access = new LinkAccess({ userId: memory.userId, scopes, isLocal: true });
    const app = express().disable('x-powered-by');
    app.use((_request, response, next) => {
      response.set({ 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store' });
      next();
    });
    app.use(guard({ host, allowedHosts: [], allowedOrigins: [] }));
    app.use(
      createSite({
        access,
        memoryOf: () => memory,
        operations,
        pagesFolder: pagesFolder(),
        report: settings.log,
      }),
    );
    const server = createServer(app);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(options.uiPort ?? 0, host, resolve);
    });
    const { port } = server.address() as AddressInfo;
    const link = `http://${host}:${port}/#key=${access.key}`;
    process.stdout.write(`${link}\n`);
    settings.log(
      'info',
      `The memory of ${memory.userId} is at this link, which works once. Ctrl-C ends the program.`,
    );
    if (options.open) await openInBrowser(link, settings);
    await new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
    });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
}

async function openInBrowser(link: string, { log }: Settings): Promise<void> {
  const { default: open } = await import('open');
  try {
    const child = await open(link);
    child.once('error', () => log('warning', 'No browser could be opened. Open the link yourself.'));
  } catch {
    log('warning', 'No browser could be opened. Open the link yourself.');
  }
}
