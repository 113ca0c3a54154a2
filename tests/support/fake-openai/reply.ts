import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ChatBody } from './dialects.js';
import type { Reply } from './spoiled-answers.js';

/** Where an answer goes wrong halfway. */
export type Break = 'destroy' | 'stall' | null;

export function sendReply(
  response: ServerResponse,
  body: ChatBody,
  reply: Reply,
  usage: object,
  breakAt: Break,
): void {
  const message = { role: 'assistant', content: reply.content, refusal: reply.refusal };
  const answer = {
    id: 'fake',
    object: 'chat.completion',
    created: 0,
    model: body.model,
    choices: [{ index: 0, message, finish_reason: reply.finishReason }],
    usage,
  };
  const text = JSON.stringify(answer);
  if (breakAt === null) {
    send(response, answer);
    return;
  }
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
  });
  response.write(text.slice(0, Math.floor(text.length / 2)), () => {
    if (breakAt === 'destroy') response.destroy();
  });
}

/** Pieces of seven characters, so that tags and letters of several bytes are split. */
export function streamReply(
  response: ServerResponse,
  body: ChatBody,
  reply: Reply,
  usage: object,
  breakAt: Break,
): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const event = (value: object) =>
    response.write(
      `data: ${JSON.stringify({ id: 'fake', object: 'chat.completion.chunk', model: body.model, ...value })}\n\n`,
    );
  const content = reply.content ?? '';
  const size = Math.max(7, Math.ceil(content.length / 20_000));
  const end = breakAt === null ? content.length : content.length / 2;
  for (let at = 0; at < end; at += size)
    event({ choices: [{ index: 0, delta: { content: content.slice(at, at + size) }, finish_reason: null }] });
  if (breakAt === 'destroy') response.end();
  if (breakAt !== null) return;
  event({
    choices: [
      {
        index: 0,
        delta: reply.refusal === null ? {} : { refusal: reply.refusal },
        finish_reason: reply.finishReason,
      },
    ],
  });
  if (body.stream_options !== undefined) event({ choices: [], usage });
  response.end('data: [DONE]\n\n');
}

export function send(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

export function fail(
  response: ServerResponse,
  status: number,
  message: string,
  code: string | null = null,
): void {
  send(response, { error: { message, type: 'invalid_request_error', param: null, code } }, status);
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}
