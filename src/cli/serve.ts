import { toUserId } from '../model/ids.js';
import { version } from './package-info.js';
import { openEngine, settingsFor } from './settings.js';

/** Serves as the options of the command line say, until there is a reason to stop; ends the process. */
export async function serve(options: Readonly<Record<string, unknown>>): Promise<never> {
  const settings = await settingsFor(options);
  if (settings.config.transport === 'http') {
    const { serveOverHttp } = await import('./serve-http.js');
    process.exit(await serveOverHttp(settings));
  }
  // A client that stops reading ends the session in good order.
  process.stdout.removeAllListeners('error');
  const [{ serveStdio }, { redactConfig }] = await Promise.all([
    import('../mcp/serve-stdio.js'),
    import('../app/config/config.js'),
  ]);
  process.exit(
    await serveStdio({
      version,
      openEngine: (report) => openEngine(settings, report),
      shownConfig: redactConfig(settings.config),
      log: settings.log,
      userId: toUserId(settings.config.user_id),
      beside: async (engine) => {
        const { openDoor } = await import('../app/capture/open-door.js');
        const { data_storage_path, user_id } = settings.config;
        return openDoor(data_storage_path, user_id, engine, settings.log);
      },
    }),
  );
}
