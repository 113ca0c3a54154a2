import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  ErrorCode,
  McpError,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import type { MemoryChange, MemoryEngine } from '../../engine/memory-engine.js';
import { messageOf } from '../../model/errors.js';
import type { McpSession } from '../session.js';
import { profileUri, segmentsUri, segmentUri, statusUri } from './uris.js';

/** Of one session. */
const watchedMax = 1000;
const uriCharactersMax = 1000;

/** Tells a client which of the resources it watches have changed, whoever changed them. */
export class ResourceChanges {
  readonly #server: Server;
  readonly #log: McpSession['log'];
  readonly #watched = new Set<string>();
  #engine: MemoryEngine | undefined;
  #cancel: (() => void) | undefined;

  constructor(server: Server, log: McpSession['log']) {
    this.#server = server;
    this.#log = log;
  }

  /** Answers `resources/subscribe` and `resources/unsubscribe`. */
  offer(session: McpSession): void {
    this.#server.setRequestHandler(SubscribeRequestSchema, async ({ params }) => {
      this.#watch(params.uri);
      // Changes are heard of only while the memory is open.
      await session.engine().catch((error) => session.log('error', messageOf(error)));
      return {};
    });
    this.#server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => {
      this.#watched.delete(params.uri);
      return {};
    });
  }

  /** Any URI may be watched: what is not there yet may come, and what never comes never changes. */
  #watch(uri: string): void {
    if (uri.length > uriCharactersMax || (this.#watched.size >= watchedMax && !this.#watched.has(uri))) {
      throw new McpError(
        ErrorCode.InvalidParams,
        `A session may watch ${watchedMax} resources, with URIs of ${uriCharactersMax} characters at most`,
      );
    }
    this.#watched.add(uri);
  }

  /** Listens to this memory; to one only, even if called again. */
  listenTo(engine: MemoryEngine): void {
    if (engine === this.#engine) return;
    this.stop();
    this.#engine = engine;
    this.#cancel = engine.onChange((change) => {
      this.#tell(change).catch((error) => this.#log('debug', `Notification not sent: ${messageOf(error)}`));
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#engine = undefined;
  }

  async #tell(change: MemoryChange): Promise<void> {
    for (const uri of change.anything === true ? [...this.#watched] : urisOf(change)) {
      if (this.#watched.has(uri)) await this.#server.sendResourceUpdated({ uri });
    }
    if (change.segmentsListed) await this.#server.sendResourceListChanged();
  }
}

function urisOf(change: MemoryChange): string[] {
  const uris = [...change.segments].map(segmentUri);
  if (change.segmentsListed || change.segments.size > 0) uris.push(segmentsUri);
  if (change.longTerm) uris.push(profileUri);
  if (uris.length > 0 || change.shortTerm) uris.push(statusUri);
  return uris;
}
