import { z } from 'zod';
import { asObject } from './wire.js';

const bodySchema = z.looseObject({
  error: z.unknown().optional(),
  message: z.unknown().optional(),
  detail: z.unknown().optional(),
});

/**
 * An error answer in the form OpenAI gives it, `{ error: { message } }`. The `openai` package drops the words
 * of all others, such as vLLM's `{ message }` and FastAPI's `{ detail }`, and they are needed to see what the
 * endpoint does not understand.
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
 * What was asked for as a stream and comes as one JSON text is an error that a gateway sends with status 200: it gets
 * the status it names, else 500. The `openai` package would take it for a stream without a piece.
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
