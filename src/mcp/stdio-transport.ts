import type { Readable, Writable } from 'node:stream';
import {
  type JSONRPCMessage,
  type JSONRPCRequest,
  ProtocolErrorCode,
  parseJSONRPCMessage,
  type Transport,
} from '@modelcontextprotocol/server';
import type { Exchange } from './exchange.js';

/** A longer line is answered with an error and skipped. */
const lineBytesMax = 32 * 1024 * 1024;

/**
 * The stdio transport of the specification: one JSON-RPC message on each line. In addition to the SDK's
 * transport, it answers invalid lines, survives lines that are too long, and tracks unanswered requests.
 */
export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  /** Called when the client has closed its side and sends nothing more. */
  onend?: () => void;
  /** Called for every request after it was answered or cancelled. */
  onexchange?: (exchange: Exchange) => void;

  readonly #input: Readable;
  readonly #output: Writable;
  readonly #pending = new Map<
    string | number,
    { readonly request: JSONRPCRequest; readonly startedAt: number }
  >();
  readonly #idle: (() => void)[] = [];
  #line: Buffer[] = [];
  #lineBytes = 0;
  #skipping = false;
  #closed = false;
  /** Whether the output has no reader any more. */
  #broken = false;

  constructor(input: Readable, output: Writable) {
    this.#input = input;
    this.#output = output;
  }

  async start(): Promise<void> {
    this.#input.on('data', this.#take);
    this.#input.once('end', () => this.onend?.());
    this.#input.on('error', (error) => {
      this.onerror?.(error);
      this.onend?.();
    });
    // The client is gone, so the answers to its requests are not needed.
    this.#output.on('error', (error) => {
      if (!this.#broken) this.onerror?.(error);
      this.#broken = true;
      this.#pending.clear();
      this.#settle();
      this.onend?.();
    });
  }

  async send(message: JSONRPCMessage): Promise<void> {
    this.#write(message);
    if ('id' in message && !('method' in message) && message.id !== undefined) {
      this.#finish(message.id, message);
    }
  }

  /** Stops reading. Requests that have arrived are still answered. */
  stopReading(): void {
    this.#input.off('data', this.#take);
    this.#input.pause();
  }

  /** Resolves when every request that arrived has been answered or cancelled, and the answers are written. */
  async answered(): Promise<void> {
    if (this.#pending.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
    if (this.#output.writableLength > 0 && !this.#broken) {
      await new Promise<void>((resolve) => this.#output.write('', () => resolve()));
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.stopReading();
    this.onclose?.();
  }

  readonly #take = (chunk: Buffer): void => {
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      this.#append(chunk.subarray(from, end));
      this.#finishLine();
      from = end + 1;
    }
    this.#append(chunk.subarray(from));
  };

  #append(part: Buffer): void {
    this.#lineBytes += part.length;
    if (this.#lineBytes > lineBytesMax) {
      this.#skipping = true;
      this.#line = [];
    }
    if (!this.#skipping && part.length > 0) this.#line.push(part);
  }

  #finishLine(): void {
    const text = Buffer.concat(this.#line).toString('utf8').trim();
    const tooLong = this.#skipping;
    this.#line = [];
    this.#lineBytes = 0;
    this.#skipping = false;
    if (tooLong) {
      this.#refuse(ProtocolErrorCode.InvalidRequest, `A message may have at most ${lineBytesMax} bytes`);
    } else if (text !== '') {
      this.#receive(text);
    }
  }

  #receive(text: string): void {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      this.#refuse(ProtocolErrorCode.ParseError, 'The line is not JSON');
      return;
    }
    let message: JSONRPCMessage;
    try {
      message = parseJSONRPCMessage(value);
    } catch {
      this.#refuse(ProtocolErrorCode.InvalidRequest, 'The line is not a JSON-RPC 2.0 message', idOf(value));
      return;
    }
    // A subscription is answered only when it ends, so it is not waited for.
    if ('method' in message && 'id' in message && message.method !== 'subscriptions/listen') {
      this.#pending.set(message.id, { request: message, startedAt: performance.now() });
    }
    this.onmessage?.(message);
    if ('method' in message && message.method === 'notifications/cancelled') this.#cancelled(message.params);
  }

  /** A cancelled request is not answered. */
  #cancelled(params: unknown): void {
    const id =
      typeof params === 'object' && params !== null && 'requestId' in params ? params.requestId : undefined;
    if (typeof id !== 'string' && typeof id !== 'number') return;
    this.#finish(id, undefined);
  }

  #finish(id: string | number, answer: JSONRPCMessage | undefined): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    this.onexchange?.({
      request: pending.request,
      answer,
      durationMs: performance.now() - pending.startedAt,
    });
    this.#settle();
  }

  #settle(): void {
    if (this.#pending.size > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #refuse(code: ProtocolErrorCode, message: string, id: string | number | null = null): void {
    this.onerror?.(new Error(message));
    this.#write({ jsonrpc: '2.0', id, error: { code, message } });
  }

  #write(message: object): void {
    if (!this.#closed && !this.#broken) this.#output.write(`${JSON.stringify(message)}\n`);
  }
}

function idOf(value: unknown): string | number | null {
  if (typeof value !== 'object' || value === null || !('id' in value)) return null;
  return typeof value.id === 'string' || typeof value.id === 'number' ? value.id : null;
}
