import type { z } from 'zod';
import type { MemoryEngine } from '../engine/memory-engine.js';
import type { ReportLevel } from '../ports/reporter.js';
import { loadConfig } from './config/config.js';
import type { configSchema } from './config/config-keys.js';
import { createEngineFactory } from './create-engine.js';

/** The keys of the configuration file, all optional, beside two of the library's own. */
export type MemoryOptions = z.input<typeof configSchema> & {
  /** A configuration file to begin with; the keys given here come before its own. */
  readonly config?: string;
  /** Told what a person should see; nothing is printed. Never holds what a user said. */
  readonly report?: (level: ReportLevel, message: string) => void;
};

/**
 * Opens a memory: the same engine as the server's. Without `config` only the keys given here count, and neither
 * the environment nor a file is read. Throws CONFIG_INVALID naming every problem, and STORE_….
 */
export async function createMemory(options: MemoryOptions = {}): Promise<MemoryEngine> {
  const { config: file, report = () => undefined, ...keys } = options;
  const { config, notices, reread } = loadConfig({ file, withoutFile: file === undefined, keys, env: {} });
  for (const notice of notices) report('info', notice);
  return createEngineFactory(config, report, { analysisThread: true, reread }).open();
}
