import { appendFile, mkdir, readFile, rename, stat } from 'node:fs/promises';
import path from 'node:path';

export { hooksFolder } from '../../capture/socket/hook-socket.js';

const bytesMax = 256 * 1024;

/** Failures of hooks, newest last. Needed because most clients do not show a hook's stderr. */
export class HookLog {
  readonly #file: string;

  constructor(hooksFolder: string) {
    this.#file = path.join(hooksFolder, 'hooks.log');
  }

  get file(): string {
    return this.#file;
  }

  /** The message never contains what a user said. A log that cannot be written is not an error. */
  async add(client: string, message: string, now: Date): Promise<void> {
    try {
      await mkdir(path.dirname(this.#file), { recursive: true, mode: 0o700 });
      const size = await stat(this.#file).then(
        (found) => found.size,
        () => 0,
      );
      if (size > bytesMax) await rename(this.#file, `${this.#file}.1`);
      await appendFile(this.#file, `${JSON.stringify({ time: now.toISOString(), client, message })}\n`, {
        mode: 0o600,
      });
    } catch {
      // There is no other way to report it.
    }
  }

  /** The last failure; null when there is none. */
  async last(): Promise<{ time: string; client: string; message: string } | null> {
    const text = await readFile(this.#file, 'utf8').catch(() => '');
    const line = text.trimEnd().split('\n').at(-1);
    if (line === undefined || line === '') return null;
    try {
      const { time, client, message } = JSON.parse(line);
      return { time: String(time), client: String(client), message: String(message) };
    } catch {
      return null;
    }
  }
}
