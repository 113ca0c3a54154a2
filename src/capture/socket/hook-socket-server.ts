import { randomBytes, timingSafeEqual } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { nodeFiles } from '../../lib/io/files.js';
import { isAlive } from '../../lib/io/process-identity.js';
import { readSocketFile } from './ask-server.js';
import { type HookSocket, socketFile } from './hook-socket.js';

/** How often a server checks whether the server that answers hooks has ended, in order to take over. */
const checkEveryMs = 5_000;
const requestBytesMax = 64 * 1024 * 1024;

const requestSchema = z.object({
  secret: z.string(),
  client: z.string(),
  event: z.string(),
  project: z.string().nullable(),
});

export interface HookSocketParts {
  readonly dataDir: string;
  readonly userId: string;
  /**
   * Returns what to print for an event. Rejects when the event cannot be answered; the hook then prints
   * nothing.
   */
  readonly answer: (request: { client: string; event: string; project: string | null }) => Promise<string>;
  /** Messages never contain what a user said. */
  readonly report: (message: string) => void;
}

/**
 * Answers the hooks of one user's memory over a local socket while the server runs. Of several servers, the
 * one named in the socket file answers.
 */
export class HookSocketServer {
  readonly #parts: HookSocketParts;
  readonly #file: string;
  readonly #secret = randomBytes(32).toString('hex');
  readonly #server: net.Server;
  #folder: string | null = null;
  #address: string | null = null;
  #checking: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(parts: HookSocketParts) {
    this.#parts = parts;
    this.#file = socketFile(parts.dataDir, parts.userId);
    // A caller closes its sending side after the request and still reads the answer.
    this.#server = net.createServer({ allowHalfOpen: true }, (socket) => this.#serve(socket));
    this.#server.on('error', (error) => parts.report(`The socket for hooks: ${error.message}`));
  }

  /** Throws errors of the file system and the network. The server also works without the socket. */
  async open(): Promise<void> {
    const address = await this.#newAddress();
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(address, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    this.#server.unref();
    this.#address = address;
    await this.#publish();
    this.#checking = setInterval(() => void this.#takeOverIfGone(), checkEveryMs).unref();
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#checking !== null) clearInterval(this.#checking);
    if (readSocketFile(this.#file)?.secret === this.#secret) await rm(this.#file, { force: true });
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    if (this.#folder !== null) await rm(this.#folder, { recursive: true, force: true });
  }

  /**
   * A pipe on Windows. Elsewhere a socket in its own short folder, because the path of a socket is limited to
   * about 100 bytes.
   */
  async #newAddress(): Promise<string> {
    if (process.platform === 'win32') {
      return `\\\\.\\pipe\\memoryos-mcp-${randomBytes(16).toString('hex')}`;
    }
    this.#folder = await mkdtemp(path.join(tmpdir(), 'memoryos-'));
    await chmod(this.#folder, 0o700);
    return path.join(this.#folder, 'hooks.sock');
  }

  async #publish(): Promise<void> {
    if (this.#address === null) return;
    const socket: HookSocket = { address: this.#address, secret: this.#secret, pid: process.pid };
    await mkdir(path.dirname(this.#file), { recursive: true, mode: 0o700 });
    const temporary = `${this.#file}.${process.pid}.tmp`;
    await writeFile(temporary, JSON.stringify(socket), { mode: 0o600 });
    await nodeFiles.rename(temporary, this.#file);
  }

  /** Takes over when the server named in the socket file has ended. */
  async #takeOverIfGone(): Promise<void> {
    const found = readSocketFile(this.#file);
    if (this.#closed || (found !== null && isAlive(found.pid))) return;
    await this.#publish().catch((error: unknown) => {
      this.#parts.report(
        `The socket for hooks: ${error instanceof Error ? error.message : 'cannot be written'}`,
      );
    });
  }

  #serve(socket: net.Socket): void {
    const chunks: Buffer[] = [];
    let bytes = 0;
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > requestBytesMax) socket.destroy();
      else chunks.push(chunk);
    });
    socket.on('end', () => {
      this.#answer(Buffer.concat(chunks).toString('utf8')).then(
        (text) => socket.end(text),
        (error: unknown) => {
          this.#parts.report(
            `A hook could not be answered: ${error instanceof Error ? error.message : 'failed'}`,
          );
          socket.end();
        },
      );
    });
  }

  async #answer(line: string): Promise<string> {
    const request = requestSchema.safeParse(JSON.parse(line));
    if (!request.success) throw new Error('the request does not match its schema');
    const given = Buffer.from(request.data.secret);
    const own = Buffer.from(this.#secret);
    if (given.length !== own.length || !timingSafeEqual(given, own)) throw new Error('the secret is wrong');
    return this.#parts.answer(request.data);
  }
}
