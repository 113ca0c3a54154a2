import { fileURLToPath } from 'node:url';
import type { Server } from '@modelcontextprotocol/server';

/** Sources for the project of a session. */
export interface ProjectSource {
  /** From the configuration; takes precedence over the client. */
  readonly configured: string | null;
  /** Returns the project of a folder on this machine; absent when the client may run on another machine. */
  readonly ofFolder?: ((folder: string) => string | null) | undefined;
}

/** Maximum time for the client's answer, and for a call to wait for it. */
const rootsWithinMs = 10_000;
const callWaitsMs = 1_000;

/**
 * The project of a session, for calls that name none. The client's roots count only when all belong to one
 * project, because it is unknown which of several a call is about.
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
   * Asks the client for its roots once it is ready, and again when it reports a change. The revision
   * 2026-07-28 has neither message, so those clients are not asked.
   */
  offer(): void {
    const { configured, ofFolder } = this.#source;
    if (configured !== null || ofFolder === undefined) return;
    const ask = () => {
      if (this.#server.getClientCapabilities()?.roots !== undefined)
        this.#ofRoots = this.#projectOfRoots(ofFolder);
    };
    this.#server.oninitialized = ask;
    this.#server.setNotificationHandler('notifications/roots/list_changed', ask);
  }

  /** Undefined when unknown. Waits only briefly for a client that does not answer. */
  async name(): Promise<string | undefined> {
    const { configured } = this.#source;
    if (configured !== null) return configured;
    return (await Promise.race([this.#ofRoots, waited()])) ?? undefined;
  }

  async #projectOfRoots(ofFolder: (folder: string) => string | null): Promise<string | null> {
    try {
      const { roots } = await this.#server.listRoots(undefined, { timeout: rootsWithinMs });
      const names = new Set(roots.map(({ uri }) => ofFolder(fileURLToPath(uri))));
      const [name = null] = names;
      return names.size === 1 ? name : null;
    } catch {
      // The client does not answer, or its roots are not folders.
      return null;
    }
  }
}

function waited(): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), callWaitsMs).unref());
}
