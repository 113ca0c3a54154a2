import type { Config, redactConfig } from '../app/config/config.js';
import type { UserId } from '../model/ids.js';

/** What only those who run the server may know of it. */
const serverOnly = ['data_storage_path', 'http_tls_cert', 'http_tls_key', 'trust_proxy'] as const;

/** The configuration as a user may see it: no secrets, and what is the server's own only at its own machine. */
export function shownConfig(
  config: Config,
  redact: typeof redactConfig,
): (userId: UserId, isLocal: boolean) => Readonly<Record<string, unknown>> {
  const shown = redact(config);
  const hidden = Object.fromEntries(serverOnly.map((key) => [key, shown[key] === null ? null : '(set)']));
  return (userId, isLocal) => ({ ...shown, ...(isLocal ? {} : hidden), user_id: userId });
}
