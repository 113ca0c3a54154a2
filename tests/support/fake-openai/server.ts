import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type ChatBody, type DialectName, dialects, type FakeDialect } from './dialects.js';
import { type Misbehaviour, misbehaveOnTheWire } from './misbehaviour.js';
import { bodyOf, fail, send, sendReply, streamReply } from './reply.js';
import { misbehaveInContent, type Reply } from './spoiled-answers.js';
import { batchTask, type FakeTask, locomoTask, respondTask, segmentTask } from './tasks.js';
import { hashedVector } from './text.js';

export interface FakeOpenAiOptions {
  readonly port?: number;
  /** The key that requests need; null: none. Default: `fake-key`. */
  readonly key?: string | null;
  readonly model?: string;
  readonly embeddingModel?: string;
  readonly dimensions?: number;
  readonly dialect?: DialectName;
  /** Time of every completion. */
  readonly completionMs?: number;
  /** A longer prompt is refused as too long for the context. */
  readonly promptCharactersMax?: number;
  /** A longer answer is cut off at this length, with the reason `length`. */
  readonly answerCharactersMax?: number;
  /** Tasks that it recognises besides those of the analysis. */
  readonly tasks?: readonly FakeTask[];
  readonly onRequest?: (request: RecordedRequest) => void;
}

export interface RecordedRequest {
  readonly kind: 'chat' | 'embeddings' | 'other';
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
  /** The task that was recognised. */
  task: string | null;
  misbehaviour: Misbehaviour | null;
  status: number | null;
}

/** An OpenAI-compatible server on 127.0.0.1. It is deterministic, refuses unexpected prompts, and misbehaves on request. */
export interface FakeOpenAi {
  readonly baseUrl: string;
  readonly requests: readonly RecordedRequest[];
  readonly chatRequests: readonly RecordedRequest[];
  /** Faults for the next requests, one each. */
  misbehave(...list: readonly Misbehaviour[]): void;
  /** A fault for all requests after the list is used up, or only for those of a task; null ends it. */
  misbehaveAlways(what: Misbehaviour | null, task?: string): void;
  misbehaveInEmbeddings(...list: readonly Misbehaviour[]): void;
  /** Unexpected prompts so far, which were answered with 400. */
  readonly unexpected: readonly string[];
  setCompletionMs(ms: number): void;
  /** Refuses connections from now on. */
  stop(): Promise<void>;
  /** Listens again, on the same port. */
  restart(): Promise<void>;
}

/** Starts the server. */
export async function startFakeOpenAi(options: FakeOpenAiOptions = {}): Promise<FakeOpenAi> {
  const fake = new FakeServer(options);
  await fake.listen(options.port ?? 0);
  return fake;
}

class FakeServer implements FakeOpenAi {
  readonly requests: RecordedRequest[] = [];
  readonly unexpected: string[] = [];
  readonly #options: FakeOpenAiOptions;
  readonly #tasks: readonly FakeTask[];
  readonly #sockets = new Set<Socket>();
  readonly #chatScript: Misbehaviour[] = [];
  readonly #embeddingScript: Misbehaviour[] = [];
  #always: { readonly what: Misbehaviour; readonly task: string | undefined } | null = null;
  #completionMs: number;
  #server: Server | undefined;
  #port = 0;

  constructor(options: FakeOpenAiOptions) {
    this.#options = options;
    this.#completionMs = options.completionMs ?? 0;
    this.#tasks = [batchTask, segmentTask, respondTask, locomoTask, ...(options.tasks ?? [])];
  }

  get baseUrl(): string {
    const path = this.#options.dialect === 'azure' ? `/openai/deployments/${this.#model}` : '/v1';
    return `http://127.0.0.1:${this.#port}${path}`;
  }

  get chatRequests(): readonly RecordedRequest[] {
    return this.requests.filter(({ kind }) => kind === 'chat');
  }

  get #key(): string | null {
    return this.#options.key === undefined ? 'fake-key' : this.#options.key;
  }

  get #embeddingModel(): string {
    return this.#options.embeddingModel ?? 'text-embedding-fake';
  }

  get #model(): string {
    return this.#options.model ?? 'fake-model';
  }

  misbehave(...list: readonly Misbehaviour[]): void {
    this.#chatScript.push(...list);
  }

  misbehaveAlways(what: Misbehaviour | null, task?: string): void {
    this.#always = what === null ? null : { what, task };
  }

  #alwaysFor(task: string | undefined): Misbehaviour | null {
    const always = this.#always;
    return always === null || (always.task !== undefined && always.task !== task) ? null : always.what;
  }

  misbehaveInEmbeddings(...list: readonly Misbehaviour[]): void {
    this.#embeddingScript.push(...list);
  }

  setCompletionMs(ms: number): void {
    this.#completionMs = ms;
  }

  listen(port: number): Promise<void> {
    const server = createServer((request, response) => void this.#handle(request, response));
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server = server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        this.#port = (server.address() as AddressInfo).port;
        resolve();
      });
    });
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  restart(): Promise<void> {
    return this.listen(this.#port);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const url = new URL(request.url ?? '/', 'http://fake');
      const text = await bodyOf(request);
      const kind = url.pathname.endsWith('/chat/completions')
        ? 'chat'
        : url.pathname.endsWith('/embeddings')
          ? 'embeddings'
          : 'other';
      const body: unknown = text === '' ? undefined : JSON.parse(text);
      const record: RecordedRequest = {
        kind,
        path: request.url ?? '',
        headers: request.headers,
        body,
        task: null,
        misbehaviour: null,
        status: null,
      };
      this.requests.push(record);
      response.on('close', () => {
        record.status = response.statusCode;
        this.#options.onRequest?.(record);
      });
      const problem = this.#accessProblem(request, url);
      if (problem !== undefined) fail(response, problem.status, problem.message);
      else if (kind === 'chat') await this.#chat(record, body as ChatBody, response);
      else if (kind === 'embeddings')
        await this.#embed(record, body as { model: string; input: string | string[] }, response);
      else if (url.pathname.endsWith('/models'))
        send(response, {
          object: 'list',
          data: [this.#model, this.#embeddingModel].map((id) => ({ id, object: 'model' })),
        });
      else fail(response, 404, `no such path: ${url.pathname}`);
    } catch (error) {
      if (!response.headersSent)
        fail(response, 400, `fake-openai: ${error instanceof Error ? error.message : String(error)}`);
      else response.destroy();
    }
  }

  #accessProblem(request: IncomingMessage, url: URL): { status: number; message: string } | undefined {
    const azure = this.#options.dialect === 'azure';
    const expected = this.#key;
    const given = azure ? request.headers['api-key'] : request.headers.authorization?.replace(/^Bearer /, '');
    if (expected !== null && given !== expected)
      return { status: 401, message: `Incorrect API key provided: ${String(given)}.` };
    if (azure && (!url.searchParams.has('api-version') || !url.pathname.startsWith('/openai/deployments/')))
      return { status: 404, message: 'Resource not found' };
    if (!azure && !url.pathname.startsWith('/v1/')) return { status: 404, message: 'Not Found' };
    return undefined;
  }

  async #chat(record: RecordedRequest, body: ChatBody, response: ServerResponse): Promise<void> {
    if (body.model !== this.#model)
      return fail(response, 404, `The model \`${body.model}\` does not exist`, 'model_not_found');
    const dialect: FakeDialect = dialects[this.#options.dialect ?? 'openai'];
    const refused = dialect.refusal(body);
    if (refused !== undefined) return send(response, refused.body, refused.status);
    const task = this.#tasks.find(({ line }) => body.messages[0]?.content.includes(line));
    const what = this.#chatScript.shift() ?? this.#alwaysFor(task?.name);
    record.misbehaviour = what;
    if (what !== null && (await misbehaveOnTheWire(what, response, this.#key ?? '', body.model))) return;
    const length = body.messages.reduce((sum, { content }) => sum + content.length, 0);
    if (length > (this.#options.promptCharactersMax ?? Number.POSITIVE_INFINITY))
      return fail(
        response,
        400,
        "This model's maximum context length is exceeded by your messages.",
        'context_length_exceeded',
      );
    if (task === undefined) {
      this.unexpected.push(body.messages[0]?.content.slice(0, 200) ?? '');
      return fail(response, 400, 'fake-openai: this prompt is not expected');
    }
    record.task = task.name;
    let right: string;
    try {
      right = task.answer(body.messages);
    } catch (error) {
      this.unexpected.push(String(error));
      throw error;
    }
    if (this.#completionMs > 0) await new Promise((resolve) => setTimeout(resolve, this.#completionMs));
    const most = this.#options.answerCharactersMax ?? Number.POSITIVE_INFINITY;
    const reply: Reply =
      what === null
        ? {
            content: right.slice(0, most),
            refusal: null,
            finishReason: right.length > most ? 'length' : 'stop',
          }
        : misbehaveInContent(what, right, body.messages.map(({ content }) => content).join('\n'));
    const usage = {
      prompt_tokens: Math.ceil(length / 4),
      completion_tokens: Math.ceil((reply.content?.length ?? 0) / 4),
      total_tokens: 0,
    };
    const breakAt = what === 'cut' ? 'destroy' : what === 'stall-body' ? 'stall' : null;
    if (body.stream === true) streamReply(response, body, reply, usage, breakAt, dialect.shape);
    else sendReply(response, body, reply, usage, breakAt, dialect.shape);
  }

  async #embed(
    record: RecordedRequest,
    body: { model: string; input: string | string[] },
    response: ServerResponse,
  ): Promise<void> {
    const model = this.#embeddingModel;
    if (body.model !== model)
      return fail(response, 404, `The model \`${body.model}\` does not exist`, 'model_not_found');
    const what = this.#embeddingScript.shift() ?? this.#alwaysFor(undefined);
    record.misbehaviour = what;
    if (what !== null && (await misbehaveOnTheWire(what, response, this.#key ?? '', body.model))) return;
    const input = Array.isArray(body.input) ? body.input : [body.input];
    if (input.some((text) => text === '')) return fail(response, 400, "'$.input' is invalid: empty text");
    if (input.some((text) => text.length > (this.#options.promptCharactersMax ?? Number.POSITIVE_INFINITY)))
      return fail(response, 400, 'the input length exceeds the context length');
    const data = input.map((text, index) => ({
      object: 'embedding',
      index,
      embedding: hashedVector(text, this.#options.dimensions ?? 64),
    }));
    send(response, { object: 'list', data, model, usage: { prompt_tokens: 1, total_tokens: 1 } });
  }
}
