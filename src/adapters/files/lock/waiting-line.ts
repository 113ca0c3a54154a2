import { join } from 'node:path';
import { codeOf, type Files } from '../../../lib/io/files.js';
import { isGone, ownIdentity, randomToken } from '../../../lib/io/process-identity.js';

/**
 * A free lock is reserved for the first process in line for this long. After that, the process is assumed to
 * be suspended.
 */
const graceMs = 60;
/** No process waits this long, so a ticket older than this was left behind. */
const forgottenMs = 60_000;

/**
 * First come, first served among processes. Each waiting process has a small file named by its time of
 * arrival.
 */
export class WaitingLine {
  readonly #files: Files;
  readonly #folder: string;
  readonly #own = new Set<string>();
  readonly #firstSeen = new Map<string, number>();

  constructor(files: Files, folder: string) {
    this.#files = files;
    this.#folder = folder;
  }

  /** Whether another process waits. */
  async othersWait(): Promise<boolean> {
    return (await this.#tickets()).some((ticket) => !this.#own.has(ticket));
  }

  async enter(): Promise<Place> {
    const { pid, host } = ownIdentity();
    const ticket = `${Date.now().toString(36).padStart(9, '0')}-${randomToken()}-${pid}-${host}`;
    this.#own.add(ticket);
    await this.#put(ticket);
    let freeSince: number | null = null;
    return {
      isNext: async (free) => {
        const [first] = await this.#tickets();
        if (first === undefined || this.#own.has(first)) return true;
        if (!free) {
          freeSince = null;
          return true;
        }
        freeSince ??= performance.now();
        return performance.now() - freeSince > graceMs;
      },
      leave: async () => {
        this.#own.delete(ticket);
        await this.#files.remove(join(this.#folder, ticket)).catch(() => undefined);
      },
    };
  }

  /** Errors are ignored: without a ticket only fairness is lost. */
  async #put(ticket: string): Promise<void> {
    const path = join(this.#folder, ticket);
    try {
      await (await this.#files.open(path, 'create')).close();
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') return;
      await this.#files.makeFolder(this.#folder).catch(() => undefined);
      await this.#files.open(path, 'create').then(
        (file) => file.close(),
        () => undefined,
      );
    }
  }

  /** Tickets in the order of arrival, without those of processes that have ended. */
  async #tickets(): Promise<string[]> {
    const present = (await this.#files.list(this.#folder).catch(() => [])).sort();
    for (const known of this.#firstSeen.keys()) if (!present.includes(known)) this.#firstSeen.delete(known);
    const live: string[] = [];
    for (const ticket of present) {
      if (this.#own.has(ticket) || !this.#isLeft(ticket)) live.push(ticket);
      else await this.#files.remove(join(this.#folder, ticket)).catch(() => undefined);
    }
    return live;
  }

  #isLeft(ticket: string): boolean {
    const seenAt = this.#firstSeen.get(ticket) ?? performance.now();
    this.#firstSeen.set(ticket, seenAt);
    if (performance.now() - seenAt > forgottenMs) return true;
    const [, , pid, host] = ticket.split('-');
    return host !== undefined && isGone({ pid: Number(pid), host, started: '' });
  }
}

export interface Place {
  /** Whether this process may try to take the lock now. `free`: no process holds the lock. */
  isNext(free: boolean): Promise<boolean>;
  leave(): Promise<void>;
}
