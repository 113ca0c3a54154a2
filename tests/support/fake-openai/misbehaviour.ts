import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

/** The faults of the fake endpoint. Some take a number after a colon, as in `slow:2000`. */
export const misbehaviours = {
  '429': 'rate limit, without Retry-After',
  'retry-after': 'rate limit, with Retry-After: seconds after the colon, 1 if none',
  quota: 'quota used up (429 insufficient_quota)',
  '500': 'server error',
  '503': 'server overloaded',
  '401': 'wrong key; the answer repeats the key, as OpenAI does',
  '404': 'unknown model',
  context: 'prompt longer than the context',
  'context-string': 'the same as LM Studio says it: the error is a string',
  'context-200': 'the same with status 200 (LM Studio)',
  loading: 'the model is still being loaded (llama.cpp)',
  'filter-400': 'prompt stopped by the content filter (Azure)',
  html: "a proxy's error page with status 200",
  'error-200': 'an error object with status 200 (gateways)',
  reset: 'connection reset before the headers',
  'reset-after-headers': 'connection reset after the headers',
  stall: 'no byte is sent',
  'stall-body': 'the answer stops in the middle',
  cut: 'the answer ends in the middle',
  slow: 'right, after the milliseconds after the colon',
  'invalid-json': 'not JSON',
  fenced: 'right, in a code fence with text around',
  object: 'an object where a list belongs',
  'own-form': 'JSON in another form, unless the prompt shows the form (ignores response_format)',
  commas: 'right, with trailing commas',
  think: 'right, after a <think> block of 10,000 tokens',
  'think-unclosed': 'a <think> block that never ends',
  empty: 'empty content',
  null: 'null content',
  refusal: 'a refusal as text',
  'refusal-field': 'a refusal in its own field',
  none: '"None."',
  error: 'an error sentence of 200 characters',
  filter: 'stopped by the content filter (finish_reason)',
  truncated: 'cut off at the output limit (finish_reason)',
  'model-length': "the same in Mistral's word",
  'broken-off': 'ended because of a lack of resources (finish_reason of DeepSeek)',
  'wrong-pages': 'page references that do not exist',
  'forgets-page': 'a topic forgets a page',
  'claims-twice': 'two topics claim a page',
  huge: 'an answer of 10 MB',
  loop: 'the same words again and again up to the output limit (finish_reason)',
  'loop-stop': 'the same words again and again, then an ordinary end',
  'nothing-noted': '{"facts":[],"traits":[]} for every segment',
  'one-bad-summary': 'an error sentence as the last summary, in valid JSON',
  'error-summary': 'an error sentence as every summary, in valid JSON',
  'none-facts': '"None.", headings, empty bullets and error texts as facts and reasons',
  unsupported: 'facts and traits the pages do not say',
} as const;

export type Misbehaviour = keyof typeof misbehaviours | `${keyof typeof misbehaviours}:${number}`;

/** Throws if the text is no misbehaviour. */
export function toMisbehaviour(text: string): Misbehaviour {
  const [name = '', number] = text.split(':');
  if (!(name in misbehaviours) || (number !== undefined && !/^\d+$/.test(number)))
    throw new Error(
      `There is no misbehaviour "${text}". There are: ${Object.keys(misbehaviours).join(', ')}`,
    );
  return text as Misbehaviour;
}

/** Answers with an HTTP error or breaks the connection if the misbehaviour is of that kind. Returns whether it did. */
export async function misbehaveOnTheWire(
  what: Misbehaviour,
  response: ServerResponse,
  key: string,
  model: string,
): Promise<boolean> {
  const [name, number] = what.split(':');
  const say = (status: number, body: object, headers: Record<string, string> = {}) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
    return true;
  };
  const fail = (status: number, error: object, headers: Record<string, string> = {}) =>
    say(status, { error }, headers);
  switch (name) {
    case '429':
      return fail(429, {
        message: 'Rate limit reached for requests',
        type: 'requests',
        code: 'rate_limit_exceeded',
      });
    case 'retry-after':
      return fail(
        429,
        { message: 'Rate limit reached for requests', code: 'rate_limit_exceeded' },
        { 'retry-after': number ?? '1' },
      );
    case 'quota':
      return fail(429, {
        message: 'You exceeded your current quota, please check your plan and billing details.',
        code: 'insufficient_quota',
      });
    case '500':
    case '503':
      return fail(Number(name), {
        message: 'The server had an error while processing your request.',
        type: 'server_error',
      });
    case '401':
      return fail(401, {
        message: `Incorrect API key provided: ${key}.`,
        type: 'invalid_request_error',
        code: 'invalid_api_key',
      });
    case '404':
      return fail(404, {
        message: `The model \`${model}\` does not exist or you do not have access to it.`,
        code: 'model_not_found',
      });
    case 'context':
      return fail(400, {
        message:
          "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
        code: 'context_length_exceeded',
      });
    case 'context-string':
      return say(400, {
        error:
          'Trying to keep the first 9000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough.',
      });
    case 'context-200':
      return say(200, { error: { message: 'Context size has been exceeded.' } });
    case 'loading':
      return fail(503, { code: 503, message: 'Loading model', type: 'unavailable_error' });
    case 'filter-400':
      return fail(400, {
        message:
          "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
        code: 'content_filter',
      });
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<html><body><h1>502 Bad Gateway</h1></body></html>');
      return true;
    case 'error-200':
      return say(200, { error: { message: 'Provider returned error', code: 502 } });
    case 'reset':
      response.destroy();
      return true;
    case 'reset-after-headers':
      response.writeHead(200, { 'content-type': 'application/json' });
      response.flushHeaders();
      await wait(20);
      response.destroy();
      return true;
    case 'stall':
      return true;
    case 'slow':
      await wait(Number(number ?? 2000));
      return false;
    default:
      return false;
  }
}
