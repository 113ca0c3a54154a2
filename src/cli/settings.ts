import type { Command } from 'commander';
import type { LoadedConfig } from '../app/config/config.js';
import type { MemoryEngine } from '../engine/memory-engine.js';
import type { MemoryReader } from '../engine/memory-reader.js';
import { flagsOf } from './flags.js';
import { createLog, type Log } from './log.js';

type Report = (level: 'debug' | 'info' | 'warning' | 'error', message: string) => void;

export interface Settings extends LoadedConfig {
  readonly log: Log;
}

/** As {@link settingsFor}, with the options of a command and those of all. */
export async function settingsOf(command: Command): Promise<Settings> {
  return settingsFor(command.optsWithGlobals());
}

/** Reads the configuration as the options of this call want it, and says on stderr what is to be said. */
export async function settingsFor(options: Readonly<Record<string, unknown>>): Promise<Settings> {
  const [{ loadConfig }, { describeDestinations, destinationsOf }] = await Promise.all([
    import('../app/config/config.js'),
    import('../app/models/known-endpoints.js'),
  ]);
  const file = typeof options.config === 'string' ? options.config : undefined;
  const loaded = loadConfig({ file, flags: flagsOf(options) });
  const log = createLog(loaded.config.log_level);
  for (const notice of loaded.notices) log('info', notice);
  log('info', describeDestinations(destinationsOf(loaded.config)));
  return { ...loaded, log };
}

/** As {@link settingsFor}; what is only worth knowing is of no interest to a client that calls again and again. */
export async function hookSettings(options: Readonly<Record<string, unknown>>): Promise<Settings> {
  return settingsFor({ logLevel: 'warning', ...options });
}

/** Opens the configured memory; what makes it slow to load is loaded now. */
export async function openEngine(settings: Settings, report: Report = settings.log): Promise<MemoryEngine> {
  const { config, reread } = settings;
  const { createEngineFactory } = await import('../app/create-engine.js');
  return createEngineFactory(config, report, { analysisThread: true, reread }).open();
}

/** Runs with the memory open, and closes it afterwards, also after Ctrl-C. */
export async function withEngine<T>(
  settings: Settings,
  run: (engine: MemoryEngine) => Promise<T>,
): Promise<T> {
  const engine = await openEngine(settings);
  const interrupted = (): void => {
    void engine.close().finally(() => process.exit(130));
  };
  process.once('SIGINT', interrupted);
  try {
    return await run(engine);
  } finally {
    process.off('SIGINT', interrupted);
    await engine.close();
  }
}

/** Runs with the memory open to be looked at: nothing is written, and no model is asked. Throws NOT_FOUND. */
export async function withReader<T>(
  { config, log }: Settings,
  run: (reader: MemoryReader) => Promise<T>,
): Promise<T> {
  const { openReader } = await import('../app/open-reader.js');
  const reader = await openReader(config, log);
  try {
    return await run(reader);
  } finally {
    await reader.close();
  }
}
