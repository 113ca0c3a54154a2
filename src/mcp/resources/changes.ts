import { ProtocolError, ProtocolErrorCode, type Server } from '@modelcontextprotocol/server';
import type { MemoryChange, MemoryEngine } from '../../engine/memory-engine.js';
import { messageOf } from '../../model/errors.js';
import type { McpSession } from '../session.js';
import { profileUri, segmentsUri, segmentUri, statusUri } from './uris.js';

/** Maximum for each session. */
const watchedMax = 1000;
const uriCharactersMax = 1000;

/** Tells one client which resources have changed, whoever changed them. */
export class ResourceChanges {
  readonly #server: Server;
  readonly #log: McpSession['log'];
  /** Null: the carrier of the notifications filters them. */
  readonly #watched: Set<string> | null;
  #engine: MemoryEngine | undefined;
  #cancel: (() => void) | undefined;

  constructor(server: Server, log: McpSession['log'], { carrierPicks }: { readonly carrierPicks: boolean }) {
    this.#server = server;
    this.#log = log;
    this.#watched = carrierPicks ? null : new Set();
  }

  /** Answers `resources/subscribe` and `resources/unsubscribe`. */
  offer(session: McpSession): void {
    const watched = this.#watched;
    if (watched === null) return;
    this.#server.setRequestHandler('resources/subscribe', async ({ params }) => {
      watch(watched, params.uri);
      // Changes are noticed only while the memory is open.
      await session.engine().catch((error) => session.log('error', messageOf(error)));
      return {};
    });
    this.#server.setRequestHandler('resources/unsubscribe', ({ params }) => {
      watched.delete(params.uri);
      return {};
    });
  }

  /** Listens to this memory. Only the first call has an effect. */
  listenTo(engine: MemoryEngine): void {
    if (engine === this.#engine) return;
    this.stop();
    this.#engine = engine;
    const server = this.#server;
    this.#cancel = tellChanges(
      engine,
      {
        watched: this.#watched,
        updated: (uri) => server.sendResourceUpdated({ uri }),
        listChanged: () => server.sendResourceListChanged(),
      },
      this.#log,
    );
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#engine = undefined;
  }
}

/** A receiver of notifications about changed resources. */
interface ResourceListener {
  /** Null: all resources. */
  readonly watched: ReadonlySet<string> | null;
  updated(uri: string): Promise<void> | void;
  listChanged(): Promise<void> | void;
}

/** Reports every change of a memory until the returned function is called. */
export function tellChanges(
  engine: MemoryEngine,
  { watched, updated, listChanged }: ResourceListener,
  log: McpSession['log'],
): () => void {
  const tell = async (change: MemoryChange) => {
    const isUnknown = change.anything === true;
    const changed = isUnknown && watched !== null ? [...watched] : await urisOf(change, engine);
    for (const uri of changed) if (watched?.has(uri) !== false) await updated(uri);
    if (change.segmentsListed) await listChanged();
  };
  return engine.onChange((change) => {
    tell(change).catch((error) => log('debug', `Notification not sent: ${messageOf(error)}`));
  });
}

/** Any URI may be watched, because a segment may appear later. */
function watch(watched: Set<string>, uri: string): void {
  if (uri.length > uriCharactersMax || (watched.size >= watchedMax && !watched.has(uri))) {
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      `A session may watch ${watchedMax} resources, with URIs of at most ${uriCharactersMax} characters`,
    );
  }
  watched.add(uri);
}

/** The resources that a change affects; all resources when the change is unknown. */
async function urisOf(change: MemoryChange, engine: MemoryEngine): Promise<string[]> {
  if (change.anything === true) {
    // A memory that cannot be read at present has changed nevertheless.
    const segments = await engine.segments().catch(() => []);
    return [statusUri, profileUri, segmentsUri, ...segments.map((one) => segmentUri(one.segment_id))];
  }
  const uris = [...change.segments].map(segmentUri);
  if (change.segmentsListed || change.segments.size > 0) uris.push(segmentsUri);
  if (change.longTerm) uris.push(profileUri);
  if (uris.length > 0 || change.shortTerm) uris.push(statusUri);
  return uris;
}
