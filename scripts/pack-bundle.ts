import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
// The program is started directly, because npx would load npm for each call.
const program = path.join(
  path.dirname(createRequire(import.meta.url).resolve('@anthropic-ai/mcpb')),
  'cli',
  'cli.js',
);

/**
 * Packs the bundle for Claude Desktop: the package as npm installed it, with its dependencies, without TypeScript and
 * source maps.
 */
export function packBundle(nodeModules: string, file: string): { bytes: number } {
  const folder = mkdtempSync(path.join(tmpdir(), 'memoryos-bundle-'));
  try {
    const own = path.join(nodeModules, 'memoryos-mcp');
    const isNeeded = (source: string) => !/\.(map|[cm]?ts)$/.test(source);
    cpSync(own, folder, { recursive: true, filter: isNeeded });
    cpSync(nodeModules, path.join(folder, 'node_modules'), {
      recursive: true,
      filter: (source) => source !== own && isNeeded(source),
    });
    cpSync(path.join(root, 'packages', 'mcpb'), folder, { recursive: true });
    mcpb('validate', path.join(folder, 'manifest.json'));
    mcpb('pack', folder, file);
    return { bytes: statSync(file).size };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export interface Unpacked {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Unpacks a bundle. Returns the command that Claude Desktop would run for its manifest and a person's settings. */
export function unpackBundle(file: string, folder: string, set: Readonly<Record<string, string>>): Unpacked {
  mcpb('unpack', file, folder);
  const { server, user_config } = JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8'));
  const filled = (text: string): string =>
    text
      .replace(/\$\{__dirname\}/g, () => folder)
      .replace(/\$\{user_config\.(\w+)\}/g, (_, key) => filled(set[key] ?? user_config[key].default ?? ''))
      .replace(/\$\{HOME\}/g, homedir);
  const { command, args, env }: Unpacked = server.mcp_config;
  return {
    command,
    args: args.map(filled),
    env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, filled(value)])),
  };
}

function mcpb(...args: string[]): void {
  execFileSync(process.execPath, [program, ...args], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
}
