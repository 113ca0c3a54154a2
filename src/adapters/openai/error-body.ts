import { z } from 'zod';

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
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return text;
  }
  const body = bodySchema.safeParse(json);
  if (!body.success) return text;
  const { error, message, detail } = body.data;
  if (error !== undefined && error !== null) return text;
  const said = message ?? detail;
  return JSON.stringify({
    error: { ...body.data, message: typeof said === 'string' ? said : JSON.stringify(said ?? json) },
  });
}
