import { randomBytes } from 'node:crypto';
import type { EventId, EventStore, JSONRPCMessage, StreamId } from '@modelcontextprotocol/server';

interface LoggedEvent {
  readonly id: EventId;
  readonly streamId: StreamId;
  /** The message as JSON text; an object would use several times the memory. */
  readonly text: string;
  readonly bytes: number;
  readonly owner: SessionEvents;
}

/**
 * The events of all sessions, kept for clients that reconnect. The oldest are dropped when the log exceeds
 * its size limit.
 */
export class EventLog {
  readonly #bytesMax: number;
  /** In chronological order. */
  readonly #events = new Set<LoggedEvent>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The events of one session; other sessions do not see them. */
  session(): SessionEvents {
    return new SessionEvents(this);
  }

  add(event: LoggedEvent): void {
    this.#events.add(event);
    this.#bytes += event.bytes;
    for (const oldest of this.#events) {
      if (this.#bytes <= this.#bytesMax) break;
      oldest.owner.forget(oldest);
    }
  }

  remove(event: LoggedEvent): void {
    if (this.#events.delete(event)) this.#bytes -= event.bytes;
  }
}

const eventsPerSessionMax = 1000;
/** Estimated size of an event in addition to its text. */
const overheadBytes = 300;

/**
 * The events that a session's streams have sent, so that a client that lost its connection can get the rest.
 */
export class SessionEvents implements EventStore {
  readonly #log: EventLog;
  readonly #events = new Map<EventId, LoggedEvent>();
  /** Distinguishes these ids from those of other sessions and of earlier runs of the server. */
  readonly #prefix = randomBytes(6).toString('hex');
  #count = 0;

  constructor(log: EventLog) {
    this.#log = log;
  }

  async storeEvent(streamId: StreamId, message: JSONRPCMessage): Promise<EventId> {
    this.#count += 1;
    const id = `${this.#prefix}-${this.#count}`;
    const text = JSON.stringify(message);
    const event = { id, streamId, text, bytes: text.length + overheadBytes, owner: this };
    this.#events.set(id, event);
    this.#log.add(event);
    const [oldest] = this.#events.values();
    if (this.#events.size > eventsPerSessionMax && oldest !== undefined) this.forget(oldest);
    return id;
  }

  async getStreamIdForEventId(id: EventId): Promise<StreamId | undefined> {
    return this.#events.get(id)?.streamId;
  }

  async replayEventsAfter(
    id: EventId,
    { send }: { send: (eventId: EventId, message: JSONRPCMessage) => Promise<void> },
  ): Promise<StreamId> {
    const last = this.#events.get(id);
    if (last === undefined) throw new Error('This event is no longer available');
    for (const event of this.after(id)) await send(event.id, event.message);
    return last.streamId;
  }

  /** The later events of the same stream. */
  after(id: EventId): readonly { readonly id: EventId; readonly message: JSONRPCMessage }[] {
    const last = this.#events.get(id);
    if (last === undefined) return [];
    const events = [...this.#events.values()];
    return events
      .slice(events.indexOf(last) + 1)
      .filter((event) => event.streamId === last.streamId)
      .map((event) => ({ id: event.id, message: messageIn(event) }));
  }

  forget(event: LoggedEvent): void {
    this.#events.delete(event.id);
    this.#log.remove(event);
  }

  clear(): void {
    for (const event of this.#events.values()) this.#log.remove(event);
    this.#events.clear();
  }
}

/** The message as it was given to `storeEvent`. */
function messageIn({ text }: LoggedEvent): JSONRPCMessage {
  return JSON.parse(text);
}
