import { type Files, nodeFiles, type OpenFile } from '../../src/lib/io/files.js';

/** The real files. Every opened file has some methods replaced. */
export function openedWith(
  change: (file: OpenFile, path: string) => Partial<OpenFile>,
  rest: Partial<Files> = {},
): Files {
  return {
    ...nodeFiles,
    async open(path, mode) {
      const file = await nodeFiles.open(path, mode);
      return { ...file, ...change(file, path) };
    },
    ...rest,
  };
}
