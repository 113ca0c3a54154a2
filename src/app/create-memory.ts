import type { z } from 'zod';
import type { MemoryEngine } from '../engine/memory-engine.js';
import type { ReportLevel } from '../ports/reporter.js';
import { loadConfig } from './config/config.js';
import type { configSchema } from './config/config-keys.js';
import { createEngineFactory } from './create-engine.js';

/** The keys of the configuration file, all optional, and two options of the library. */
export type MemoryOptions = z.input<typeof configSchema> & {
  /** Path of a configuration file. Keys given here take precedence over its keys. */
  readonly config?: string;
  /** Receives what a person should see; nothing is printed. Messages never contain what a user said. */
  readonly report?: (level: ReportLevel, message: string) => void;
};

/**
 * Opens a memory with the same engine as the server. Without `config`, only the keys given here apply:
 * neither the environment nor a file is read. Throws CONFIG_INVALID, which names every problem, and STORE_….
 */
export async function createMemory(options: MemoryOptions = {}): Promise<MemoryEngine> {
  const { config: file, report = () => undefined, ...keys } = options;
  const loaded = loadConfig({ file, withoutFile: file === undefined, keys, env: {} });
  const { config, reread } = loaded;
  for (const notice of [...loaded.notices, ...loaded.defaults]) report('info', notice);
  return createEngineFactory(config, report, { analysisThread: true, reread }).open();
}
