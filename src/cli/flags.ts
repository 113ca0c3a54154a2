import type { ConfigKey } from '../app/config/config.js';

/** The command-line options that set a key of the configuration. */
const keyOfOption: Readonly<Record<string, ConfigKey>> = {
  data: 'data_storage_path',
  user: 'user_id',
  assistant: 'assistant_id',
  logLevel: 'log_level',
  transport: 'transport',
  host: 'http_host',
  port: 'http_port',
};

/** The configuration keys that the options of a call set. */
export function flagsOf(options: Readonly<Record<string, unknown>>): Partial<Record<ConfigKey, string>> {
  const flags: Partial<Record<ConfigKey, string>> = {};
  for (const [option, key] of Object.entries(keyOfOption)) {
    const value = options[option];
    if (typeof value === 'string') flags[key] = value;
  }
  return flags;
}
