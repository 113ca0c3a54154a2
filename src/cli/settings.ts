import type { Command } from 'commander';
import type { ConfigKey, LoadedConfig } from '../app/config/config.js';
import type { MemoryEngine } from '../engine/memory-engine.js';
import { createLog, type Log } from './log.js';

/** The option of the command line that sets a key of the configuration. */
const keyOfOption: Readonly<Record<string, ConfigKey>> = {
  data: 'data_storage_path',
  user: 'user_id',
  assistant: 'assistant_id',
  logLevel: 'log_level',
  transport: 'transport',
  host: 'http_host',
  port: 'http_port',
};

type Report = (level: 'debug' | 'info' | 'warning' | 'error', message: string) => void;

export interface Settings extends LoadedConfig {
  readonly log: Log;
}

/** As {@link settingsFor}, with the options of a command and those of all. */
export async function settingsOf(command: Command): Promise<Settings> {
  return settingsFor(command.optsWithGlobals());
}

/** Reads the configuration as the options of this call want it, and says on stderr what is to be said. */
export async function settingsFor(
  options: Readonly<Record<string, unknown>>,
  { withoutFile = false } = {},
): Promise<Settings> {
  const { loadConfig } = await import('../app/config/config.js');
  const flags: Partial<Record<ConfigKey, string>> = {};
  for (const [option, key] of Object.entries(keyOfOption)) {
    const value = options[option];
    if (typeof value === 'string') flags[key] = value;
  }
  const file = typeof options.config === 'string' ? options.config : undefined;
  const loaded = loadConfig({ file, flags, withoutFile });
  const log = createLog(loaded.config.log_level);
  for (const notice of loaded.notices) log('info', notice);
  return { ...loaded, log };
}

/** As {@link settingsFor}; a hook runs in the folder of a project, whose `config.json` is not ours. */
export async function hookSettings(options: Readonly<Record<string, unknown>>): Promise<Settings> {
  // What is only worth knowing is of no interest to a client that calls a hook again and again.
  return settingsFor(
    { logLevel: 'warning', ...options },
    { withoutFile: !options.config && !process.env.MEMORYOS_CONFIG },
  );
}

/** Opens the configured memory; what makes it slow to load is loaded now. */
export async function openEngine(settings: Settings, report: Report = settings.log): Promise<MemoryEngine> {
  const { config, reread } = settings;
  const { createEngineFactory } = await import('../app/create-engine.js');
  return createEngineFactory(config, report, { reread }).open();
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
