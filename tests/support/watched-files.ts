import type { Files } from '../../src/lib/io/files.js';
import { openedWith } from './open-files.js';

/** The real files. `before` is called before every write, sync, read and truncation of an open file. */
export function watched(
  before: (kind: 'write' | 'sync' | 'read' | 'truncate', path: string) => Promise<void> | void,
  rest: Partial<Files> = {},
): Files {
  return openedWith(
    (file, path) => ({
      write: async (data, position) => {
        await before('write', path);
        return file.write(data, position);
      },
      sync: async () => {
        await before('sync', path);
        await file.sync();
      },
      read: async (into, position) => {
        await before('read', path);
        return file.read(into, position);
      },
      truncate: async (length) => {
        await before('truncate', path);
        await file.truncate(length);
      },
    }),
    rest,
  );
}

/** Holds one operation back between `close` and `open`. */
export function gate() {
  let pass = () => {};
  let arrive = () => {};
  let wait: Promise<void> | null = null;
  let arrived = Promise.resolve();
  return {
    close() {
      wait = new Promise((resolve) => {
        pass = resolve;
      });
      arrived = new Promise((resolve) => {
        arrive = resolve;
      });
    },
    open: () => pass(),
    get reached() {
      return arrived;
    },
    async through() {
      const before = wait;
      wait = null;
      if (before !== null) arrive();
      await before;
    },
  };
}
