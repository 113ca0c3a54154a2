import { globalOptions, serveOptions } from './options.js';

/**
 * Finds this program's options in a command line that starts a server, by long flag, such as `{ '--config':
 * '/home/a/config.json' }`. Skips the launcher (npx or node) and its flags.
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
