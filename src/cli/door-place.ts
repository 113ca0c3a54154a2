import type { DoorPlace } from '../app/capture/open-door.js';
import type { Config } from '../app/config/config.js';

/** The place of the door for hooks in this configuration; it belongs to the configured user's memory. */
export function doorPlace({ data_storage_path, user_id, project }: Config): DoorPlace {
  return { dataDir: data_storage_path, userId: user_id, project: project ?? null };
}
