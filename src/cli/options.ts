import { parseArgs } from 'node:util';

/** An option with a value: its flags as commander writes them, and what it says in the help. */
export interface ValueOption {
  readonly flags: string;
  readonly about: string;
}

/** Of every command. */
export const globalOptions: readonly ValueOption[] = [
  { flags: '-c, --config <file>', about: "configuration file (default: your own, see 'memoryos-mcp init')" },
  { flags: '--data <folder>', about: 'folder the memory is kept in' },
  { flags: '--user <id>', about: 'whose memory' },
  { flags: '--assistant <id>', about: 'which assistant is talking to them' },
  { flags: '--log-level <level>', about: 'debug, info, warning, error or silent' },
];

/** Of `serve`, which is also what a call without a command does. */
export const serveOptions: readonly ValueOption[] = [
  { flags: '--transport <name>', about: 'how clients connect: stdio or http' },
  { flags: '--host <address>', about: 'address to listen on over http (default: 127.0.0.1)' },
  { flags: '--port <number>', about: 'port to listen on over http (default: 3000)' },
];

/**
 * The options of a call that names no command, by their names in camel case; null when it says anything else.
 * This is how clients start the server, and it need not wait for the whole command line to be loaded.
 */
export function plainServeCall(words: readonly string[]): Record<string, string> | null {
  const options = Object.fromEntries(
    [...globalOptions, ...serveOptions].map(({ flags }) => {
      const [, short, long = ''] = /^(?:-(\w), )?--([a-z-]+)/.exec(flags) ?? [];
      return [long, { type: 'string' as const, ...(short && { short }) }];
    }),
  );
  try {
    const { values } = parseArgs({ args: [...words], options, strict: true, allowPositionals: false });
    return Object.fromEntries(
      Object.entries(values).map(([name, value]) => [camelCase(name), String(value)] as const),
    );
  } catch {
    return null;
  }
}

function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
