import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { nodeFiles } from '../../lib/io/files.js';
import { jsonIn } from '../../lib/text/json.js';

const notesSchema = z.object({
  /** How far the transcript has been read. */
  readToByte: z.number().int().nonnegative(),
  /** The prompt that waits for its answer. */
  pending: z.object({ prompt: z.string(), at: z.string(), answers: z.array(z.string()) }).nullable(),
  /** Prompts that were stored before the transcript contained them. */
  ahead: z.array(z.string()),
  /** Pages and facts that the session has already been shown. */
  shown: z.array(z.string()),
  /** Checksum of the last exchange stored from an event, because a client may send an event twice. */
  last: z.string().nullable().default(null),
});
export type Notes = z.infer<typeof notesSchema>;

const keptMs = 60 * 24 * 3600 * 1000;

/**
 * State shared by the hooks of one session, because each hook is a separate process. One small file for each
 * session. An unreadable file is treated as missing; the only harm is that something may be read twice.
 */
export class SessionNotes {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async read(client: string, session: string): Promise<Notes> {
    const text = await readFile(this.#file(client, session), 'utf8').catch(() => '');
    const parsed = notesSchema.safeParse(jsonIn(text));
    return parsed.success ? parsed.data : { readToByte: 0, pending: null, ahead: [], shown: [], last: null };
  }

  async write(client: string, session: string, notes: Notes): Promise<void> {
    const file = this.#file(client, session);
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const temporary = `${file}.${randomUUID()}.tmp`;
    try {
      await writeFile(temporary, JSON.stringify(notes), { mode: 0o600 });
      await nodeFiles.rename(temporary, file);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  /** Removes the notes of sessions that have been inactive for two months. */
  async tidy(nowMs: number): Promise<void> {
    for (const name of await readdir(this.#folder).catch(() => [])) {
      const file = path.join(this.#folder, name);
      const found = await stat(file).catch(() => null);
      if (found !== null && nowMs - found.mtimeMs > keptMs) await rm(file, { force: true });
    }
  }

  #file(client: string, session: string): string {
    const name = createHash('sha256').update(`${client}\n${session}`).digest('hex').slice(0, 32);
    return path.join(this.#folder, `${name}.json`);
  }
}
