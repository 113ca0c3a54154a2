import * as z from 'zod';
import { asObject } from './wire.js';

const bodySchema = z.looseObject({
  error: z.unknown().optional(),
  message: z.unknown().optional(),
  detail: z.unknown().optional(),
});

/**
 * Rewrites an error answer to OpenAI's form, `{ error: { message } }`. The `openai` package drops the
 * messages of other forms, such as vLLM's `{ message }` and FastAPI's `{ detail }`. They are needed to find
 * out what the endpoint does not understand.
 */
export async function withErrorBody(response: Response): Promise<Response> {
  if (response.ok) return response;
  const text = await response.text();
  const { status, statusText, headers } = response;
  return new Response(asError(text), { status, statusText, headers });
}

function asError(text: string): string {
  const json = asObject(text);
  const body = bodySchema.safeParse(json);
  if (!body.success) return text;
  const { error, message, detail } = body.data;
  if (error !== undefined && error !== null) return text;
  const said = message ?? detail;
  return JSON.stringify({
    error: { ...body.data, message: typeof said === 'string' ? said : JSON.stringify(said ?? json) },
  });
}

const statusSchema = z.looseObject({
  error: z.union([z.string(), z.looseObject({ code: z.unknown().optional() })]),
});

/**
 * Corrects the status of errors that a gateway sends with status 200. A JSON text in answer to a streaming
 * request is such an error. It gets the status it names, otherwise 500. The `openai` package would treat it
 * as an empty stream.
 */
export async function withErrorStatus(response: Response): Promise<Response> {
  if (!response.ok || !/\bjson\b/.test(response.headers.get('content-type') ?? '')) return response;
  const text = await response.text();
  const { statusText, headers } = response;
  return new Response(text, { status: statusOf(text) ?? response.status, statusText, headers });
}

function statusOf(text: string): number | undefined {
  const body = statusSchema.safeParse(asObject(text));
  if (!body.success) return undefined;
  const code = typeof body.data.error === 'string' ? Number.NaN : Number(body.data.error.code);
  return code >= 400 && code < 600 ? code : 500;
}
