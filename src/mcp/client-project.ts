import { fileURLToPath } from 'node:url';
import type { Server } from '@modelcontextprotocol/server';

/** Where a session learns in which project it works. */
export interface ProjectSource {
  /** Set by the configuration; it comes before what the client says. */
  readonly configured: string | null;
  /** The project a folder of this machine belongs to; left out where the client may run on another one. */
  readonly ofFolder?: ((folder: string) => string | null) | undefined;
}

/** A client may answer so late, and a call waits so long for it. */
const rootsWithinMs = 10_000;
const callWaitsMs = 1_000;

/**
 * The project of a session, for calls that name none. Roots count where all of them belong to one project: which of
 * several a call is about cannot be known.
 */
export class ClientProject {
  readonly #server: Server;
  readonly #source: ProjectSource;
  #ofRoots: Promise<string | null> = Promise.resolve(null);

  constructor(server: Server, source: ProjectSource) {
    this.#server = server;
    this.#source = source;
  }

  /**
   * Asks the client for its roots once it is ready, and again when it says that they changed. The revision 2026-07-28
   * has neither: there nobody is asked.
   */
  offer(): void {
    const { configured, ofFolder } = this.#source;
    if (configured !== null || ofFolder === undefined) return;
    const look = () => {
      if (this.#server.getClientCapabilities()?.roots !== undefined) this.#ofRoots = this.#look(ofFolder);
    };
    this.#server.oninitialized = look;
    this.#server.setNotificationHandler('notifications/roots/list_changed', look);
  }

  /** Undefined where nobody says. Does not wait long for a client that does not answer. */
  async name(): Promise<string | undefined> {
    const { configured } = this.#source;
    if (configured !== null) return configured;
    return (await Promise.race([this.#ofRoots, waited()])) ?? undefined;
  }

  async #look(ofFolder: (folder: string) => string | null): Promise<string | null> {
    try {
      const { roots } = await this.#server.listRoots(undefined, { timeout: rootsWithinMs });
      const names = new Set(roots.map(({ uri }) => ofFolder(fileURLToPath(uri))));
      const [name = null] = names;
      return names.size === 1 ? name : null;
    } catch {
      // It does not answer, or names something else than folders.
      return null;
    }
  }
}

function waited(): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), callWaitsMs).unref());
}
