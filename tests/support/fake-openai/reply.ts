import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AnswerShape, ChatBody } from './dialects.js';
import type { Reply } from './spoiled-answers.js';

/** The point at which an answer fails halfway. */
export type Break = 'destroy' | 'stall' | null;

/** The text that a thinking model writes before its answer. */
const thoughts = 'Well, { "pages": [] } would be wrong, so';

export function sendReply(
  response: ServerResponse,
  body: ChatBody,
  reply: Reply,
  usage: object,
  breakAt: Break,
  shape: AnswerShape = {},
): void {
  const message = { role: 'assistant', refusal: reply.refusal, ...shaped(reply.content, shape) };
  const answer = {
    id: 'fake',
    object: 'chat.completion',
    created: 0,
    model: body.model,
    choices: [{ index: 0, message, finish_reason: reply.finishReason }],
    ...(shape.uncounted === true ? {} : { usage }),
    ...(shape.annotated === true ? { prompt_filter_results: [{ prompt_index: 0 }] } : {}),
  };
  const text = `${shape.keepAlive === true ? '\n\n\n' : ''}${JSON.stringify(answer)}`;
  const whole = breakAt === null;
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
  });
  if (whole) response.end(text);
  else
    response.write(text.slice(0, Math.floor(text.length / 2)), () => {
      if (breakAt === 'destroy') response.destroy();
    });
}

/** The content of an answer, after the thinking if the server's models think. */
function shaped(content: string | null, { thinking }: AnswerShape): object {
  if (content === null) return { content };
  switch (thinking) {
    case undefined:
      return { content };
    case 'think-tag':
      return { content: `<think>\n${thoughts}\n</think>\n\n${content}` };
    case 'parts':
      return {
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: thoughts }] },
          { type: 'text', text: content },
        ],
      };
    default:
      return { content, [thinking]: thoughts };
  }
}

/** Pieces of seven characters, so that tags and letters of several bytes are split. */
export function streamReply(
  response: ServerResponse,
  body: ChatBody,
  reply: Reply,
  usage: object,
  breakAt: Break,
  shape: AnswerShape = {},
): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const event = (value: object) =>
    response.write(
      `data: ${JSON.stringify({ id: 'fake', object: 'chat.completion.chunk', model: body.model, ...value })}\n\n`,
    );
  const delta = (value: object) => event({ choices: [{ index: 0, delta: value, finish_reason: null }] });
  const { thinking } = shape;
  if (shape.keepAlive === true) response.write(': keep-alive\n\n: keep-alive\n\n');
  if (shape.annotated === true) event({ choices: [], prompt_filter_results: [{ prompt_index: 0 }] });
  delta({ role: 'assistant', content: '' });
  if (thinking === 'parts') delta(shaped('', shape));
  else if (thinking !== undefined && thinking !== 'think-tag') delta({ content: null, [thinking]: thoughts });
  const said = reply.content ?? '';
  const content = thinking === 'think-tag' ? `<think>\n${thoughts}\n</think>\n\n${said}` : said;
  const size = Math.max(7, Math.ceil(content.length / 20_000));
  const end = breakAt === null ? content.length : content.length / 2;
  for (let at = 0; at < end; at += size) delta({ content: content.slice(at, at + size) });
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
  if (shape.annotated === true)
    event({ choices: [{ index: 0, finish_reason: null, content_filter_offsets: {} }] });
  if (body.stream_options !== undefined && shape.uncounted !== true) event({ choices: [], usage });
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
