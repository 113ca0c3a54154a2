import { globalOptions, serveOptions } from './options.js';

/**
 * The options of this program among the words that start a server, by their long flags, such as
 * `{ '--config': '/home/a/config.json' }`. What starts it (npx, node and their own flags) is passed over.
 */
export function optionsIn(words: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { flags } of [...globalOptions, ...serveOptions]) {
    const [, short, long = ''] = /^(?:(-\w), )?(--[a-z-]+)/.exec(flags) ?? [];
    words.forEach((word, index) => {
      const next = words[index + 1];
      if (word.startsWith(`${long}=`)) found[long] = word.slice(long.length + 1);
      else if ((word === long || word === short) && next !== undefined) found[long] = next;
    });
  }
  return found;
}
