import type { ChildProcess } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest, type Server } from 'node:http';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { loadConfig } from '../../src/app/config/config.js';
import { withTokens } from '../../src/app/tokens/configured-tokens.js';
import { createToken } from '../../src/app/tokens/tokens.js';
import { toUserId } from '../../src/model/ids.js';
import { startServer } from '../http/callers.js';

/** The built server and worker as processes on one database. */
export class Fleet {
  readonly problems: string[] = [];
  readonly #folder: string;
  readonly #config: string;
  readonly #children = new Set<ChildProcess>();

  constructor(folder: string) {
    this.#folder = folder;
    this.#config = path.join(folder, 'config.json');
    process.once('exit', () => {
      for (const child of this.#children) child.kill('SIGKILL');
    });
  }

  async configure(url: string): Promise<void> {
    await mkdir(path.join(this.#folder, 'data'), { recursive: true });
    const config = {
      store: 'postgres',
      database_url: url,
      data_storage_path: 'data',
      rate_limit_per_minute: 0,
      max_open_users: 1000,
      log_level: 'info',
    };
    await writeFile(this.#config, JSON.stringify(config));
  }

  /** Creates a token for each user. */
  async tokensOf(users: readonly string[]): Promise<string[]> {
    const { config } = loadConfig({ file: this.#config, env: {} });
    return withTokens(config, async (tokens) => {
      const made: string[] = [];
      for (const user of users) {
        const about = { userId: toUserId(user), name: '', nowMs: Date.now() };
        made.push((await createToken(tokens, about)).token);
      }
      return made;
    });
  }

  /** Resolves when the server answers. */
  async server(port = 0): Promise<{ readonly child: ChildProcess; readonly port: number }> {
    const child = this.#start(['--transport', 'http', '--port', String(port)]);
    const url = await new Promise<string>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`a server ended with ${code}`)));
      this.#read(child, (line) => {
        const found = /Serving MCP over HTTP at (\S+?)"/.exec(line)?.[1];
        if (found !== undefined) resolve(found);
      });
    });
    return { child, port: Number(new URL(url).port) };
  }

  worker(): ChildProcess {
    const child = this.#start(['worker']);
    this.#read(child, () => undefined);
    return child;
  }

  async end(): Promise<void> {
    const ends = [...this.#children].map((child) => new Promise((resolve) => child.once('exit', resolve)));
    for (const child of this.#children) child.kill('SIGTERM');
    await Promise.all(ends);
  }

  #start(args: readonly string[]): ChildProcess {
    const child = startServer(['--config', this.#config, ...args]);
    child.stdout.resume();
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    return child;
  }

  #read({ stderr }: ChildProcess, listener: (line: string) => void): void {
    if (stderr === null) return;
    createInterface({ input: stderr }).on('line', (line) => {
      if (/"level":"error"/.test(line)) this.problems.push(line.slice(0, 300));
      listener(line);
    });
  }
}

/** Passes each request to the next server in turn, without affinity. It never retries, so every failure is seen. */
export async function startProxy(
  ports: readonly number[],
): Promise<{ readonly url: string; readonly server: Server }> {
  let turn = 0;
  const server = createServer((request, response) => {
    turn += 1;
    const port = ports[turn % ports.length];
    const { method, url, headers } = request;
    const onward = httpRequest({ port, host: '127.0.0.1', method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    onward.on('error', (error) => {
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end(String(error));
    });
    request.pipe(onward);
  });
  // Callers wait for each other between two phases.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}/mcp`, server };
}
