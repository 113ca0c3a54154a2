import { nodeFiles } from '../../build/lib/io/files.js';

/** The real files, of which an operation fails now and then. */
export function failingFiles(every) {
  const codes = ['ENOSPC', 'EIO', 'EMFILE', 'EACCES'];
  const maybeFail = () => {
    if (Math.random() * every >= 1) return;
    const code = codes[Math.floor(Math.random() * codes.length)];
    throw Object.assign(new Error(`${code}: made to fail`), { code });
  };
  const failing = (object) =>
    Object.fromEntries(
      Object.entries(object).map(([name, method]) => [
        name,
        async (...args) => {
          if (name !== 'close') maybeFail();
          const result = await method.apply(object, args);
          return name === 'open' ? failing(result) : result;
        },
      ]),
    );
  return failing(nodeFiles);
}
