import type { HookSocketPlace } from '../app/capture/open-hook-socket.js';
import type { Config } from '../app/config/config.js';

/** Whose hooks a server with this configuration answers: those of the configured user. */
export function hookSocketPlace({ data_storage_path, user_id, project }: Config): HookSocketPlace {
  return { dataDir: data_storage_path, userId: user_id, project: project ?? null };
}
