import { homedir } from 'node:os';
import { toUserId } from '../model/ids.js';
import { hookSocketPlace } from './hook-socket-place.js';
import { version } from './package-info.js';
import { openEngine, serverSettings } from './settings.js';

/** Serves with the options of the command line until there is a reason to stop, then ends the process. */
export async function serve(options: Readonly<Record<string, unknown>>): Promise<never> {
  const settings = await serverSettings(options);
  if (settings.config.transport === 'http') {
    const { serveOverHttp } = await import('./serve-http.js');
    process.exit(await serveOverHttp(settings));
  }
  // A client that stops reading ends the session cleanly.
  process.stdout.removeAllListeners('error');
  const [{ serveStdio }, { redactConfig }, { projectOfFolder }] = await Promise.all([
    import('../mcp/serve-stdio.js'),
    import('../app/config/config.js'),
    import('../app/capture/project-of-folder.js'),
  ]);
  process.exit(
    await serveStdio({
      version,
      openEngine: (report) => openEngine(settings, report),
      answerBytesMax: settings.config.max_answer_bytes,
      shownConfig: redactConfig(settings.config),
      project: {
        configured: settings.config.project ?? null,
        ofFolder: (folder) => projectOfFolder(folder, homedir()),
      },
      log: settings.log,
      userId: toUserId(settings.config.user_id),
      onServing: () => {
        if (process.stdin.isTTY === true) process.stderr.write(`${forPeople()}\n`);
      },
      beside: async (engine) => {
        const { openHookSocket } = await import('../app/capture/open-hook-socket.js');
        return openHookSocket(hookSocketPlace(settings.config), engine, settings.log);
      },
    }),
  );
}

/** Message for a person who starts the server on a terminal without a client. */
function forPeople(): string {
  return [
    `memoryos-mcp ${version} is running and waits for an MCP client on standard input. Nothing else will be shown.`,
    'Clients start it themselves. To connect one: memoryos-mcp install --client claude-desktop (or claude-code, cursor, vscode …)',
    'To serve over HTTP instead: memoryos-mcp --transport http. To see what is remembered: memoryos-mcp inspect.',
    'Ctrl-C ends it.',
  ].join('\n');
}
