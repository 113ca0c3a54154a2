import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { type Completion, type RunningModel, TooLong } from './llama.js';

/** One request for a completion. */
export interface Exchange {
  /** The first words of the instructions. */
  readonly task: string;
  readonly seconds: number;
  /** Null if the prompt was refused or the caller cancelled. */
  readonly completion: Completion | null;
  readonly outcome: string;
}

export interface Endpoint {
  readonly baseUrl: string;
  close(): Promise<void>;
}

const requestSchema = z.looseObject({
  messages: z.array(z.looseObject({ role: z.enum(['system', 'user', 'assistant']), content: z.string() })),
  max_completion_tokens: z.number().int().positive().optional(),
  max_tokens: z.number().int().positive().optional(),
  temperature: z.number().optional(),
  stream: z.boolean().optional(),
  response_format: z
    .looseObject({ type: z.string(), json_schema: z.looseObject({ schema: z.unknown() }).optional() })
    .optional(),
});

/** Serves a model at `/v1/chat/completions` of this machine, as the server of llama.cpp does. */
export async function serve(
  model: RunningModel,
  options: {
    readonly name: string;
    readonly port: number;
    /** False: the schema of a request is accepted and ignored. */
    readonly obeysSchema: boolean;
    readonly onExchange: (exchange: Exchange) => void;
  },
): Promise<Endpoint> {
  const stopping = new AbortController();
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) =>
      send(response, 500, { error: { message: error instanceof Error ? error.message : String(error) } }),
    );
  });
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'GET' && request.url === '/v1/models')
      return send(response, 200, { object: 'list', data: [{ id: options.name, object: 'model' }] });
    if (request.method !== 'POST' || request.url !== '/v1/chat/completions')
      return send(response, 404, { error: { message: 'there is nothing here' } });
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = requestSchema.safeParse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
    if (!body.success) return send(response, 400, { error: { message: z.prettifyError(body.error) } });
    await complete(body.data, response);
  }
  async function complete(asked: z.infer<typeof requestSchema>, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const begun = performance.now();
    const tell = (completion: Completion | null, outcome: string) =>
      options.onExchange({
        task: asked.messages[0]?.content.split('.')[0] ?? '',
        seconds: (performance.now() - begun) / 1000,
        completion,
        outcome,
      });
    try {
      const completion = await model.complete(asked.messages, {
        maxTokens: asked.max_completion_tokens ?? asked.max_tokens ?? model.contextTokens,
        temperature: asked.temperature ?? 1,
        schema: options.obeysSchema ? asked.response_format?.json_schema?.schema : undefined,
        signal: AbortSignal.any([gone.signal, stopping.signal]),
      });
      if (gone.signal.aborted) return tell(completion, 'the caller gave up');
      tell(completion, completion.finish);
      reply(response, completion, asked.stream === true);
    } catch (error) {
      if (gone.signal.aborted || stopping.signal.aborted) return tell(null, 'the caller gave up');
      tell(null, error instanceof TooLong ? 'too long' : `failed: ${error}`);
      if (!(error instanceof TooLong)) throw error;
      const message = `the request exceeds the available context size: ${error.message}`;
      send(response, 400, { error: { code: 400, type: 'exceed_context_size_error', message } });
    }
  }
  function reply(response: ServerResponse, completion: Completion, streams: boolean): void {
    const { text, finish, promptTokens, completionTokens } = completion;
    const usage = { prompt_tokens: promptTokens, completion_tokens: completionTokens };
    const base = { id: 'completion', created: Math.floor(Date.now() / 1000), model: options.name, usage };
    const choice = { index: 0, finish_reason: finish };
    if (!streams) {
      const message = { role: 'assistant', content: text };
      send(response, 200, { ...base, object: 'chat.completion', choices: [{ ...choice, message }] });
      return;
    }
    // The text is sent in one piece, because it is short and only `chat` asks for a stream.
    const piece = {
      ...base,
      object: 'chat.completion.chunk',
      choices: [{ ...choice, delta: { content: text } }],
    };
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`data: ${JSON.stringify(piece)}\n\ndata: [DONE]\n\n`);
  }
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    async close() {
      stopping.abort();
      server.close();
      server.closeAllConnections();
    },
  };
}

function send(response: ServerResponse, status: number, value: object): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}
