import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { Agent, request as httpRequest } from 'node:http';
import { createInterface } from 'node:readline';

/** Calls a tool; resolves with the error, or null. */
export type Call = (tool: string, args: Readonly<Record<string, unknown>>) => Promise<string | null>;

export interface Caller {
  readonly call: Call;
  close(): void;
}

const initialize = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'bench', version: '1' },
};

/** A client of a child process over stdio. */
export async function stdioCaller(child: ChildProcessWithoutNullStreams): Promise<Caller> {
  const waiting = new Map<number, (answer: unknown) => void>();
  let count = 0;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = JSON.parse(line);
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  const send = (method: string, params: unknown) => {
    count += 1;
    const id = count;
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    return new Promise<unknown>((resolve) => waiting.set(id, resolve));
  };
  await send('initialize', initialize);
  child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`);
  return {
    call: async (name, args) => problemIn(await send('tools/call', { name, arguments: args })),
    close: () => child.stdin.end(),
  };
}

/** A client over HTTP, with a session and a connection of its own. */
export async function httpCaller(url: string, token: string): Promise<Caller> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers: Record<string, string> = {
    'Content-Type': 'application/json',
    Accept: 'application/json, text/event-stream',
    Authorization: `Bearer ${token}`,
  };
  let count = 0;
  const send = async (method: string, params: unknown) => {
    count += 1;
    const answer = await post(url, agent, headers, { jsonrpc: '2.0', id: count, method, params });
    if (answer.session !== undefined) headers['Mcp-Session-Id'] = answer.session;
    return answer.status === 200 ? JSON.parse(answer.text) : { status: answer.status, text: answer.text };
  };
  await send('initialize', initialize);
  await post(url, agent, headers, { jsonrpc: '2.0', method: 'notifications/initialized' });
  return {
    call: async (name, args) => problemIn(await send('tools/call', { name, arguments: args })),
    close: () => agent.destroy(),
  };
}

interface Posted {
  readonly status: number;
  readonly session: string | undefined;
  readonly text: string;
}

function post(
  url: string,
  agent: Agent,
  headers: Readonly<Record<string, string>>,
  body: object,
): Promise<Posted> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method: 'POST', agent, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const session = response.headers['mcp-session-id'];
        resolve({
          status: response.statusCode ?? 0,
          session: typeof session === 'string' ? session : undefined,
          text: messageIn(Buffer.concat(parts).toString('utf8')),
        });
      });
    });
    request.on('error', reject);
    request.end(JSON.stringify(body));
  });
}

/** An answer is one message: as JSON, or as the last event of a stream. */
function messageIn(text: string): string {
  const events = text.split('\n').filter((line) => line.startsWith('data: '));
  return events.at(-1)?.slice('data: '.length) ?? text;
}

function problemIn(answer: unknown): string | null {
  const text = JSON.stringify(answer);
  const isFine =
    typeof answer === 'object' &&
    answer !== null &&
    'result' in answer &&
    !(typeof answer.result === 'object' && answer.result !== null && 'isError' in answer.result);
  return isFine ? null : text.slice(0, 200);
}

/** The built server as a child; `nodeArgs` are Node's own, such as --cpu-prof. */
export function startServer(
  args: readonly string[],
  nodeArgs: readonly string[] = [],
): ChildProcessWithoutNullStreams {
  const env = { ...process.env };
  for (const name of Object.keys(env)) if (/^(MEMORYOS|OPENAI)_/.test(name)) delete env[name];
  return spawn(process.execPath, [...nodeArgs, 'dist/cli/main.js', ...args], { env });
}
