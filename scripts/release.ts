import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import Ajv from 'ajv';
import { command } from './command.js';
import { packBundle, type Unpacked, unpackBundle } from './pack-bundle.js';
import { packPackage } from './pack-package.js';

const program = command({
  call: 'npm run release --',
  about:
    'Builds the npm package and the bundle for Claude Desktop into the folder release, checks that every manifest names this version, and starts both. It publishes nothing: .github/workflows/release.yml publishes, from a tag.',
  time: '3 minutes.',
  needs: 'network, to install the dependencies from npm.',
})
  .option('--dry-run', 'must be given', false)
  .parse();

const root = path.resolve(import.meta.dirname, '..');
const out = path.join(root, 'release');
const shell = process.platform === 'win32';

interface Manifest {
  readonly version: string;
  readonly name?: string;
  readonly mcpName?: string;
  readonly packages?: readonly { readonly version: string }[];
  readonly plugins?: readonly { readonly version: string }[];
}

if (!program.opts<{ dryRun: boolean }>().dryRun)
  program.error('error: releases are published by .github/workflows/release.yml, from a tag. Add --dry-run.');
const own = read('package.json');
checkVersions(own);
rmSync(out, { recursive: true, force: true });
mkdirSync(out);
run('npm', ['run', 'build'], root);
const tarball = pack();
const staging = mkdtempSync(path.join(tmpdir(), 'memoryos-release-'));
try {
  install(staging, tarball);
  const main = path.join(staging, 'node_modules', 'memoryos-mcp', 'dist', 'cli', 'main.js');
  const env = { MEMORYOS_DATA_STORAGE_PATH: path.join(staging, 'memory') };
  await start({ command: process.execPath, args: [main], env }, 'the npm package');
  await bundle(staging);
} finally {
  rmSync(staging, { recursive: true, force: true });
}

function read(file: string): Manifest {
  return JSON.parse(readFileSync(path.join(root, file), 'utf8'));
}

/** Throws when a manifest names another version or another server than package.json. */
function checkVersions({ version, mcpName }: Manifest): void {
  const server = read('server.json');
  const versions: Record<string, string | undefined> = {
    'server.json': server.version,
    'server.json, packages': server.packages?.[0]?.version,
    'packages/mcpb/manifest.json': read('packages/mcpb/manifest.json').version,
    '.claude-plugin/marketplace.json': read('.claude-plugin/marketplace.json').plugins?.[0]?.version,
    'plugins/claude-code/.claude-plugin/plugin.json': read('plugins/claude-code/.claude-plugin/plugin.json')
      .version,
    'plugins/codex/.codex-plugin/plugin.json': read('plugins/codex/.codex-plugin/plugin.json').version,
    'plugins/gemini/gemini-extension.json': read('plugins/gemini/gemini-extension.json').version,
  };
  const wrong = Object.entries(versions).filter(([, found]) => found !== version);
  if (wrong.length > 0) {
    throw new Error(
      `package.json is ${version}, but ${wrong.map(([file, found]) => `${file} is ${found}`).join(', ')}.`,
    );
  }
  const isServer = new Ajv.default({ allErrors: true })
    .addFormat('uri', URL.canParse)
    .compile(read('packages/server.schema.json'));
  if (!isServer(server)) throw new Error(`server.json: ${JSON.stringify(isServer.errors)}`);
  if (server.name !== mcpName) throw new Error(`server.json names ${server.name}, package.json ${mcpName}.`);
  say(`Version ${version} in ${Object.keys(versions).length + 1} places.`);
}

function pack(): string {
  const { file, bytes } = packPackage(out);
  say(`npm package: ${path.basename(file)}, ${megabytes(bytes)} MB`);
  return file;
}

function install(folder: string, file: string): void {
  writeFileSync(path.join(folder, 'package.json'), '{"private": true}');
  run('npm', ['install', '--omit=dev', '--omit=optional', '--no-audit', '--no-fund', file], folder);
}

async function bundle(staging: string): Promise<void> {
  const file = path.join(out, `memoryos-mcp-${own.version}.mcpb`);
  const { bytes } = packBundle(path.join(staging, 'node_modules'), file);
  say(`Bundle: ${path.basename(file)}, ${megabytes(bytes)} MB`);
  const data = path.join(staging, 'memory of the bundle');
  await start(unpackBundle(file, path.join(staging, 'unpacked'), { folder: data }), 'the bundle');
}

/** Starts a server, stores more exchanges than short-term memory holds, so that vectors are written, and finds one. */
async function start({ command, args, env }: Unpacked, what: string): Promise<void> {
  const transport = new StdioClientTransport({
    command,
    args: [...args, '--log-level', 'error'],
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
  });
  const client = new Client({ name: 'release', version: own.version });
  try {
    await client.connect(transport);
    for (let i = 0; i < 14; i += 1) {
      await client.callTool({
        name: 'add_memory',
        arguments: { user_input: `The gate number ${i} is painted green.`, agent_response: 'Noted.' },
      });
    }
    const found = await client.callTool({
      name: 'retrieve_memory',
      arguments: { query: 'Which colour has gate number 3?' },
    });
    if (!JSON.stringify(found.content).includes('gate number 3'))
      throw new Error(`${what} does not find what it was told.`);
    say(`Started ${what}: it stores and finds.`);
  } finally {
    await client.close();
  }
}

function run(command: string, args: readonly string[], cwd: string): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', shell, stdio: ['ignore', 'pipe', 'inherit'] });
}

function megabytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
