import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { RequestOptions } from './test-server.js';

export interface StreamEvent {
  readonly id?: string;
  readonly retry?: string;
  readonly data: string;
}

/** An event stream while it is received. */
export interface EventStreamReader {
  readonly status: number;
  readonly events: StreamEvent[];
  readonly isOver: () => boolean;
  /** Received comments, which keep a stream open. */
  readonly comments: () => number;
  /** The messages in the events. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into messages of many forms
  messages(): any[];
  /** Cuts the connection. */
  cut(): void;
}

/** Sends a request and reads the answer as a stream, in the background. */
export function openStream(
  url: string,
  { method = 'GET', headers, body }: RequestOptions,
): Promise<EventStreamReader> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      new URL(url),
      { method, agent: false, ...(headers && { headers }) },
      (response) => {
        resolve(reader(response, () => request.destroy()));
      },
    );
    request.on('error', reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function reader(response: IncomingMessage, cut: () => void): EventStreamReader {
  const events: StreamEvent[] = [];
  let over = false;
  let comments = 0;
  let rest = '';
  response.setEncoding('utf8');
  response.on('data', (part: string) => {
    const blocks = (rest + part).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      if (block.startsWith(':')) comments += 1;
      else events.push(parse(block));
    }
  });
  response.on('error', () => undefined);
  response.on('close', () => {
    over = true;
  });
  return {
    status: response.statusCode ?? 0,
    events,
    isOver: () => over,
    comments: () => comments,
    messages: () => events.filter((event) => event.data !== '').map((event) => JSON.parse(event.data)),
    cut,
  };
}

function parse(block: string): StreamEvent {
  const fields: Record<string, string> = {};
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    fields[line.slice(0, colon)] = line.slice(colon + 1).trim();
  }
  return { data: '', ...fields };
}
