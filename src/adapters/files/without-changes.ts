import type { Files } from '../../lib/io/files.js';

/** Wraps files for reading only. Every change fails as on a read-only disk. */
export function withoutChanges(files: Files): Files {
  const refuse = async () => {
    throw Object.assign(new Error('only looking'), { code: 'EROFS' });
  };
  return {
    ...files,
    open: (path, mode) => (mode === 'read' ? files.open(path, mode) : refuse()),
    claim: refuse,
    rename: refuse,
    remove: refuse,
    removeFolder: refuse,
    makeFolder: refuse,
    syncFolder: refuse,
  };
}
