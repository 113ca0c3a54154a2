import { parseArgs } from 'node:util';

/** An option with a value: its flags in commander's form, and its help text. */
export interface ValueOption {
  readonly flags: string;
  readonly about: string;
}

/** Options of every command. */
export const globalOptions: readonly ValueOption[] = [
  { flags: '-c, --config <file>', about: "configuration file (default: your own, see 'memoryos-mcp init')" },
  { flags: '--data <folder>', about: 'folder for the memory files' },
  { flags: '--user <id>', about: 'the user whose memory is used' },
  { flags: '--assistant <id>', about: 'id of the assistant' },
  { flags: '--log-level <level>', about: 'debug, info, warning, error or silent' },
];

/** Options of `serve`, which is also the default command. */
export const serveOptions: readonly ValueOption[] = [
  { flags: '--transport <name>', about: 'how clients connect: stdio or http' },
  { flags: '--host <address>', about: 'address to listen on over http (default: 127.0.0.1)' },
  { flags: '--port <number>', about: 'port to listen on over http (default: 3000)' },
];

/**
 * The options of a call without a command, by name in camel case; null when the call contains anything else.
 * Clients start the server this way, and then the command-line parser need not be loaded.
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
