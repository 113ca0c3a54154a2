/** The files, of which one in `every` operations fails. */
export function failingFiles(files, every) {
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
  return failing(files);
}
