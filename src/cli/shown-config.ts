import type { Config, redactConfig } from '../app/config/config.js';
import type { UserId } from '../model/ids.js';

/** Keys that only the operator of the server may see. */
const serverOnly = ['data_storage_path', 'http_tls_cert', 'http_tls_key', 'trust_proxy'] as const;

/**
 * The configuration that a user may see: without secrets, and without server-only keys unless the user is on
 * the server's machine.
 */
export function shownConfig(
  config: Config,
  redact: typeof redactConfig,
): (userId: UserId, isLocal: boolean) => Readonly<Record<string, unknown>> {
  const shown = redact(config);
  const hidden = Object.fromEntries(serverOnly.map((key) => [key, shown[key] === null ? null : '(set)']));
  return (userId, isLocal) => ({ ...shown, ...(isLocal ? {} : hidden), user_id: userId });
}
