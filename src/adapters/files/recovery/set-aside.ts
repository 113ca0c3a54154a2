import { basename } from 'node:path';
import { codeOf } from '../../../lib/io/files.js';
import { asideName, type StoreContext } from '../context.js';

/**
 * Renames an unusable file, so that nothing overwrites it. Returns a sentence for the notice: its new name,
 * or that it could not be moved.
 */
export async function setAside({ files, clock }: StoreContext, path: string): Promise<string> {
  const aside = asideName(path, clock);
  try {
    await files.rename(path, aside);
    return `It was kept as ${basename(aside)}`;
  } catch (error) {
    // Another process that opened the memory at the same time has moved it.
    if (codeOf(error) === 'ENOENT') return 'It was kept aside';
    // Nothing may be written: `doctor` only looks, or the folder is read-only.
    if (codeOf(error) === 'EROFS') return 'It will be kept aside by the next repair or server';
    return 'It could not be moved aside yet';
  }
}
