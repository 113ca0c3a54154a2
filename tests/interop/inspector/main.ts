import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { command } from '../../../scripts/command.js';
import { cli, httpServer, outsider } from '../tools.js';

command({
  call: 'npm run interop:inspector --',
  about:
    "Lists and calls every tool, reads every resource and gets every prompt with MCP Inspector's command line, over stdio and HTTP. Exit code 1: a call failed.",
  time: '2 minutes.',
  needs: 'Node.js 22 and network, to install @modelcontextprotocol/inspector from npm.',
}).parse();

const inspector = outsider('@modelcontextprotocol/inspector@2.12.0');
const folder = mkdtempSync(path.join(tmpdir(), 'memoryos-inspector-'));
let failures = 0;

const toolCalls: Record<string, readonly string[]> = {
  add_memory: ['user_input=My sister plays the oboe', 'agent_response=Lovely'],
  retrieve_memory: ['query=Which instrument?', 'max_results=3'],
  get_user_profile: ['include_assistant_knowledge=true'],
  consolidate_memory: [],
  update_memory: ['fact=The user has a sister who plays the oboe'],
  forget_memory: ['before=2001-01-01'],
  get_memory_stats: [],
};

function ask(target: readonly string[], method: string, ...more: readonly string[]): unknown {
  const args = ['--cli', ...target, '--method', method, ...more];
  const { status, stdout, stderr } = inspector.run('mcp-inspector', args);
  const answer: unknown = stdout.trim().startsWith('{') ? JSON.parse(stdout) : undefined;
  const failed =
    status !== 0 || (typeof answer === 'object' && answer !== null && 'isError' in answer && answer.isError);
  if (failed) failures += 1;
  console.log(
    `  ${failed ? 'FAILED' : 'ok    '} ${method} ${more.filter((part) => !part.startsWith('--')).join(' ')}`,
  );
  if (failed) console.log(stdout, stderr);
  return answer;
}

function names(answer: unknown, list: string, key: string): string[] {
  if (typeof answer !== 'object' || answer === null) return [];
  const entries: unknown = Object.entries(answer).find(([name]) => name === list)?.[1];
  if (!Array.isArray(entries)) return [];
  return entries.map((entry: Record<string, unknown>) => String(entry[key]));
}

function inspect(name: string, target: readonly string[]): void {
  console.log(`${name}:`);
  const tools = names(ask(target, 'tools/list', '--strict'), 'tools', 'name');
  if (tools.sort().join() !== Object.keys(toolCalls).sort().join()) {
    failures += 1;
    console.log(`  FAILED the tools are ${tools.join(', ')}`);
  }
  for (const [tool, args] of Object.entries(toolCalls)) {
    const pairs = args.length === 0 ? [] : ['--tool-arg', ...args];
    ask(target, 'tools/call', '--tool-name', tool, ...pairs);
  }
  const resources = names(ask(target, 'resources/list'), 'resources', 'uri');
  if (resources.length < 4) failures += 1;
  for (const uri of resources) ask(target, 'resources/read', '--uri', uri);
  ask(target, 'resources/templates/list');
  ask(target, 'prompts/list');
  ask(target, 'prompts/get', '--prompt-name', 'recall', '--prompt-args', 'topic=music');
}

const server = await httpServer(path.join(folder, 'http'));
try {
  inspect('stdio', [process.execPath, cli, '--data', path.join(folder, 'stdio')]);
  inspect('http', [server.url]);
} finally {
  await server.stop();
  inspector.remove();
  rmSync(folder, { recursive: true, force: true });
}
if (failures > 0) process.exitCode = 1;
console.log(failures === 0 ? 'MCP Inspector is content.' : `${failures} failures`);
