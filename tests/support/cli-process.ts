import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** On Windows, a file's mode has no permissions. */
export const hasModes = process.platform !== 'win32';

export const cliPath = path.resolve('dist/cli/main.js');

/** An empty folder, in which programs of tests look for the user's own configuration. */
const noConfiguration = path.join(tmpdir(), 'memoryos-test-without-configuration');

/** The environment without variables that configure the server. */
export function plainEnv(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const inherited = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined &&
      !/^(MEMORYOS_|OPENAI_|NODE_OPTIONS|VITEST|NO_COLOR|FORCE_COLOR)/.test(entry[0]),
  );
  const own = { XDG_CONFIG_HOME: noConfiguration, APPDATA: noConfiguration };
  return { ...Object.fromEntries(inherited), ...own, ...extra };
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command line to its end. */
export async function runCli(
  args: readonly string[],
  options: { cwd?: string; env?: Readonly<Record<string, string>>; input?: string } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [cliPath, ...args], {
    cwd: options.cwd ?? process.cwd(),
    env: plainEnv(options.env),
  });
  child.stdin.end(options.input ?? '');
  return ended(child);
}

async function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

type Message = Record<string, unknown> & { id?: number; result?: unknown; error?: unknown; method?: string };

/** Sends lines of JSON to the built server, also lines that no correct client sends. */
export class RawServer {
  readonly child: ChildProcessWithoutNullStreams;
  readonly received: Message[] = [];
  readonly notMessages: string[] = [];
  readonly ended: Promise<Ended>;
  #rest = '';

  constructor(
    args: readonly string[],
    options: { cwd?: string; env?: Readonly<Record<string, string>> } = {},
  ) {
    this.child = spawn(process.execPath, [cliPath, ...args], {
      cwd: options.cwd ?? process.cwd(),
      env: plainEnv(options.env),
    });
    this.ended = ended(this.child);
    this.child.stdout.on('data', (text: string) => this.#take(text));
    this.child.stdin.on('error', () => undefined);
  }

  send(message: Readonly<Record<string, unknown>>): void {
    this.sendText(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }

  sendText(text: string): void {
    this.child.stdin.write(text);
  }

  /** Sends `initialize` and waits for its answer. */
  async initialize(protocolVersion = '2025-11-25'): Promise<Message> {
    const clientInfo = { name: 'raw', version: '1' };
    this.send({ id: 0, method: 'initialize', params: { protocolVersion, capabilities: {}, clientInfo } });
    const answer = await this.answerTo(0);
    this.send({ method: 'notifications/initialized' });
    return answer;
  }

  async answerTo(id: number | null): Promise<Message> {
    for (;;) {
      const found = this.received.find((message) => message.id === id && message.method === undefined);
      if (found !== undefined) return found;
      const { exitCode, signalCode } = this.child;
      if ((exitCode ?? signalCode) !== null)
        throw new Error(`the server ended with ${exitCode ?? signalCode}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      try {
        const message = JSON.parse(line);
        if (message.jsonrpc === '2.0') this.received.push(message);
        else this.notMessages.push(line);
      } catch {
        this.notMessages.push(line);
      }
    }
  }
}
