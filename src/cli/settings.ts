import type { Command } from 'commander';
import type { LoadedConfig } from '../app/config/config.js';
import type { EngineFactory } from '../app/create-engine.js';
import type { MemoryEngine } from '../engine/memory-engine.js';
import type { MemoryReader } from '../engine/memory-reader.js';
import { flagsOf } from './flags.js';
import { createLog, type Log } from './log.js';

type Report = (level: 'debug' | 'info' | 'warning' | 'error', message: string) => void;

export interface Settings extends LoadedConfig {
  readonly log: Log;
}

/** Like {@link settingsFor}, with the options of a command and the global options. */
export async function settingsOf(command: Command): Promise<Settings> {
  return settingsFor(command.optsWithGlobals());
}

/**
 * Reads the configuration with the options of this call. Logs the file and the endpoints that texts are sent to,
 * if there are any.
 */
export async function settingsFor(options: Readonly<Record<string, unknown>>): Promise<Settings> {
  const [{ loadConfig }, { describeDestinations, destinationsOf }] = await Promise.all([
    import('../app/config/config.js'),
    import('../app/models/known-endpoints.js'),
  ]);
  const file = typeof options.config === 'string' ? options.config : undefined;
  const loaded = loadConfig({ file, flags: flagsOf(options) });
  const log = createLog(loaded.config.log_level);
  for (const notice of loaded.notices) log('info', notice);
  const destinations = destinationsOf(loaded.config);
  const sent = describeDestinations(destinations);
  if (destinations.length === 0) return { ...loaded, defaults: [...loaded.defaults, sent], log };
  log('info', sent);
  return { ...loaded, log };
}

/** Like {@link settingsFor}, for a program that runs on: also logs the defaults in use. */
export async function serverSettings(options: Readonly<Record<string, unknown>>): Promise<Settings> {
  const settings = await settingsFor(options);
  for (const line of settings.defaults) settings.log('info', line);
  return settings;
}

/** Like {@link settingsFor}, without informational notices, because a client calls hooks very often. */
export async function hookSettings(options: Readonly<Record<string, unknown>>): Promise<Settings> {
  return settingsFor({ logLevel: 'warning', ...options });
}

/** Opens the configured memory and loads heavy modules now. */
export async function openEngine(settings: Settings, report: Report = settings.log): Promise<MemoryEngine> {
  return (await engineFactory(settings, report)).open();
}

/** Like {@link openEngine}, for a program that ends soon: does no work in the background, which would be cut off. */
export async function openEngineBriefly(settings: Settings): Promise<MemoryEngine> {
  return (await engineFactory(brief(settings))).open();
}

async function engineFactory(
  { config, reread, log }: Settings,
  report: Report = log,
): Promise<EngineFactory> {
  const { createEngineFactory } = await import('../app/create-engine.js');
  return createEngineFactory(config, report, { analysisThread: true, reread });
}

function brief(settings: Settings): Settings {
  return { ...settings, config: { ...settings.config, background_work: false } };
}

/** Opens the memory, runs the job, and closes the memory, also after Ctrl-C. Does no work in the background. */
export async function withEngine<T>(
  settings: Settings,
  run: (engine: MemoryEngine) => Promise<T>,
): Promise<T> {
  return closingAfter(await openEngineBriefly(settings), run);
}

/**
 * Like {@link withEngine}, for the memory of a user who has one. Throws NOT_FOUND, without creating a memory, when
 * there is none.
 */
export async function withKnownEngine<T>(
  settings: Settings,
  run: (engine: MemoryEngine) => Promise<T>,
): Promise<T> {
  return closingAfter(await (await engineFactory(brief(settings))).openKnown(), run);
}

/** Runs the job and closes the memory, also after Ctrl-C. */
export async function closingAfter<T>(
  engine: MemoryEngine,
  run: (engine: MemoryEngine) => Promise<T>,
): Promise<T> {
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

/** Opens the memory read-only and runs the job. Writes nothing and calls no model. Throws NOT_FOUND. */
export async function withReader<T>(
  { config, log }: Settings,
  run: (reader: MemoryReader) => Promise<T>,
): Promise<T> {
  const { openReader } = await import('../app/open-reader.js');
  const reader = await openReader(config, log);
  try {
    for (const loss of await reader.losses()) log('error', loss);
    return await run(reader);
  } finally {
    await reader.close();
  }
}
