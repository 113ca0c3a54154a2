import type { DoorPlace } from '../app/capture/open-door.js';
import type { Config } from '../app/config/config.js';

/** Where a server of this configuration has its door for hooks: at the memory that is meant where none is named. */
export function doorPlace({ data_storage_path, user_id, project }: Config): DoorPlace {
  return { dataDir: data_storage_path, userId: user_id, project: project ?? null };
}
