import { readWhole, writeAll } from '../../../lib/io/file-access.js';
import { codeOf, type OpenFile } from '../../../lib/io/files.js';
import { isGone, ownIdentity, type ProcessIdentity, randomToken } from '../../../lib/io/process-identity.js';
import { Standstill } from '../../../lib/io/standstill.js';
import type { Lease } from '../../../ports/memory-store.js';
import type { StoreContext } from '../context.js';
import { isObject } from '../log/journal-format.js';

const beatEveryMs = 1000;

interface LeaseFile {
  readonly token: string;
  readonly beat: number;
  readonly owner: ProcessIdentity;
}

/**
 * The right to migrate, held for a long time: a file with a heartbeat. It only avoids duplicate work, so it
 * is kept simple; transactions are safe without it.
 */
export class MigrationLease {
  readonly #context: StoreContext;
  readonly #standstill: Standstill;
  #mine: HeldLease | null = null;

  constructor(context: StoreContext) {
    this.#context = context;
    // The lease is read only every few seconds, so the time between two reads may count for a while.
    this.#standstill = new Standstill(context.times.leaseTakeOverAfterMs / 2);
  }

  async tryTake(): Promise<Lease | null> {
    if (this.#mine?.held === true) return null;
    const { files, layout, times } = this.#context;
    const data = await readWhole(files, layout.lease);
    if (data !== null) {
      const text = data.toString('utf8');
      const present = parseLease(text);
      const stillMs = this.#standstill.observe(text);
      const gone = present !== null && isGone(present.owner);
      if (!gone && stillMs < times.leaseTakeOverAfterMs) return null;
      await this.#setAside(text);
    }
    const lease = await HeldLease.take(this.#context);
    this.#mine = lease;
    return lease;
  }

  /** Removes the file that was read, but not another file that may have its name by now. */
  async #setAside(text: string): Promise<void> {
    const { files, layout } = this.#context;
    const aside = `${layout.lease}.${randomToken()}.tmp`;
    try {
      await files.rename(layout.lease, aside);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return;
      throw error;
    }
    const moved = (await readWhole(files, aside))?.toString('utf8');
    if (moved !== undefined && parseLease(moved)?.token !== parseLease(text)?.token) {
      await files.rename(aside, layout.lease);
    } else await files.remove(aside);
  }

  async release(): Promise<void> {
    await this.#mine?.release();
  }
}

class HeldLease implements Lease {
  readonly #context: StoreContext;
  readonly #file: OpenFile;
  readonly #content: { token: string; beat: number; owner: ProcessIdentity };
  readonly #timer: NodeJS.Timeout;
  #beatAt = performance.now();
  #over = false;
  #beating: Promise<void> = Promise.resolve();

  static async take(context: StoreContext): Promise<HeldLease | null> {
    let file: OpenFile;
    try {
      file = await context.files.open(context.layout.lease, 'create');
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return null;
      throw error;
    }
    const content = { token: randomToken(), beat: 0, owner: ownIdentity() };
    try {
      await writeAll(file, encodeLease(content), 0);
    } catch (error) {
      await file.close();
      await context.files.remove(context.layout.lease);
      throw error;
    }
    return new HeldLease(context, file, content);
  }

  private constructor(
    context: StoreContext,
    file: OpenFile,
    content: { token: string; beat: number; owner: ProcessIdentity },
  ) {
    this.#context = context;
    this.#file = file;
    this.#content = content;
    this.#timer = setInterval(() => {
      this.#beating = this.#beating.then(() => this.#beat());
    }, beatEveryMs);
    this.#timer.unref();
  }

  /** When a heartbeat is late, other processes may have considered the lease lost. */
  get held(): boolean {
    return !this.#over && performance.now() - this.#beatAt < this.#context.times.leaseTakeOverAfterMs * 0.8;
  }

  async #beat(): Promise<void> {
    if (this.#over) return;
    const late = !this.held;
    try {
      if (late || !(await this.#isMine())) return this.#end();
      // Writes to the open file, not to its name, because the name may belong to another process's file by
      // now.
      this.#content.beat += 1;
      await writeAll(this.#file, encodeLease(this.#content), 0);
      this.#beatAt = performance.now();
    } catch {
      await this.#end();
    }
  }

  async #isMine(): Promise<boolean> {
    const data = await readWhole(this.#context.files, this.#context.layout.lease);
    return data !== null && parseLease(data.toString('utf8'))?.token === this.#content.token;
  }

  async #end(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#timer);
    await this.#file.close().catch(() => undefined);
  }

  async release(): Promise<void> {
    if (this.#over) return;
    const mine = this.#isMine().catch(() => false);
    await this.#end();
    if (await mine) await this.#context.files.remove(this.#context.layout.lease).catch(() => undefined);
  }
}

/** Always of the same length, so that a heartbeat overwrites the complete content. */
function encodeLease({ token, beat, owner }: LeaseFile): Buffer {
  return Buffer.from(`${JSON.stringify({ token, beat: String(beat).padStart(12, '0'), ...owner })}\n`);
}

function parseLease(text: string): LeaseFile | null {
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value)) return null;
    const { token, beat, pid, host, started } = value;
    if (typeof token !== 'string' || typeof pid !== 'number') return null;
    if (typeof host !== 'string' || typeof started !== 'string') return null;
    return { token, beat: Number(beat), owner: { pid, host, started } };
  } catch {
    return null;
  }
}
