import { messageOf } from '../../model/errors.js';
import type { HttpSession } from './http-session.js';
import type { Identity } from './identity.js';
import { Refusal } from './refusal.js';
import type { HttpLog } from './request-log.js';

export interface SessionsOptions {
  readonly max: number;
  readonly maxPerUser: number;
  readonly idleMs: number;
  /** Whether an identity that was accepted would be accepted again. */
  readonly isStillValid: (identity: Identity) => Promise<boolean>;
  readonly log: HttpLog;
}

/**
 * How often sessions are checked. The requests of a revoked token are refused at once; its open streams end
 * after at most this long.
 */
const checkEveryMs = 1000;

/** The open sessions. A session belongs to the identity that started it; for others it does not exist. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #open = new Map<string, HttpSession>();
  readonly #checking: NodeJS.Timeout;

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#checking = setInterval(() => void this.#endOver(), checkEveryMs).unref();
  }

  get size(): number {
    return this.#open.size;
  }

  /**
   * Throws a Refusal when there is no room. The user's own session that has been unused for longest is closed
   * to make room.
   */
  add(session: HttpSession): void {
    const { max, maxPerUser } = this.#options;
    const own = [...this.#open.values()].filter((one) => one.identity.userId === session.identity.userId);
    if (own.length >= maxPerUser) this.#endUnused(own, `This user has ${maxPerUser} sessions in use.`);
    if (this.#open.size >= max) {
      throw noRoom(`All ${max} sessions of this server are in use.`);
    }
    this.#open.set(session.id, session);
  }

  /** Undefined when the session has ended or belongs to somebody else. */
  get(id: string, identity: Identity): HttpSession | undefined {
    const session = this.#open.get(id);
    return session?.identity.key === identity.key ? session : undefined;
  }

  /** Throws a Refusal, the same whether the session has ended or belongs to somebody else. */
  find(id: string, identity: Identity): HttpSession {
    const session = this.get(id, identity);
    if (session === undefined) {
      throw new Refusal(
        404,
        'This session does not exist or has ended. Start another one with "initialize".',
        {
          code: -32001,
        },
      );
    }
    return session;
  }

  async end(session: HttpSession): Promise<void> {
    if (!this.#open.delete(session.id)) return;
    try {
      await session.close();
    } catch (error) {
      this.#options.log('error', `A session did not end cleanly: ${messageOf(error)}`);
    }
  }

  /** Ends all sessions. */
  async close(): Promise<void> {
    clearInterval(this.#checking);
    await Promise.all([...this.#open.values()].map((session) => this.end(session)));
  }

  #endUnused(sessions: readonly HttpSession[], problem: string): void {
    const [unused] = sessions.filter((one) => one.unusedMs > 0).sort((a, b) => b.unusedMs - a.unusedMs);
    if (unused === undefined) throw noRoom(problem);
    void this.end(unused);
  }

  /** Ends unused sessions and the sessions of revoked tokens. */
  async #endOver(): Promise<void> {
    const over = [...this.#open.values()].map(async (session) => {
      if (session.unusedMs > this.#options.idleMs || !(await this.#mayStay(session))) await this.end(session);
    });
    await Promise.all(over);
  }

  async #mayStay(session: HttpSession): Promise<boolean> {
    try {
      return await this.#options.isStillValid(session.identity);
    } catch (error) {
      this.#options.log('error', `A token cannot be checked, so its session ends: ${messageOf(error)}`);
      return false;
    }
  }
}

function noRoom(problem: string): Refusal {
  return new Refusal(503, `${problem} End sessions that are not needed (DELETE), or try again later.`, {
    headers: { 'Retry-After': '30' },
  });
}
