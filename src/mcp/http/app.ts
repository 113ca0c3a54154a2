import cors from 'cors';
import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from 'express';
import { type ClientRateLimitInfo, MemoryStore, rateLimit, type Store } from 'express-rate-limit';
import { MemoryError, messageOf } from '../../model/errors.js';
import type { Authenticator } from './authenticator.js';
import { answerMcp, type EndpointOptions } from './endpoint.js';
import { guard } from './guard.js';
import { allScopes, type Identity } from './identity.js';
import type { CountRequests, HttpLimits, HttpOptions } from './options.js';
import { Refusal, refuse } from './refusal.js';
import type { RequestLog } from './request-log.js';
import { requireScopes } from './scopes.js';

export const mcpPath = '/mcp';
export const metadataPath = '/.well-known/oauth-protected-resource';

export interface AppParts {
  readonly options: HttpOptions;
  readonly limits: HttpLimits;
  readonly authenticator: Authenticator;
  readonly endpoint: EndpointOptions;
  readonly requests: RequestLog;
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
  /** True once the server has begun to stop. */
  readonly isStopping: () => boolean;
  /** The status of a request whose connection the server closed, for its log line. */
  readonly cutWith: (request: Request) => number | undefined;
}

/** Handles everything between a parsed HTTP request and its answer. */
export function createApp(parts: AppParts): Express {
  const { options, authenticator, endpoint, isStopping } = parts;
  const identities = new WeakMap<Request, Identity>();
  const passedOn = new WeakSet<Request>();
  const app = express();
  app.disable('x-powered-by').disable('etag').enable('case sensitive routing').enable('strict routing');
  trustProxies(app, options.trustProxy);

  app.use(logLine(parts, identities, passedOn));
  app.use((_request, response, next) => {
    response.set({ 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store' });
    next();
  });
  app.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
  app.get('/readyz', async (_request, response) => {
    const problem = isStopping() ? 'shutting down' : await problemOf(options.checkReady);
    if (problem !== null) options.log('warning', `Not ready: ${problem}`);
    response.status(problem === null ? 200 : 503).json({ status: problem === null ? 'ready' : 'not ready' });
  });
  app.use((_request, _response, next) => {
    if (isStopping()) throw stopping();
    next();
  });
  app.use(guard(options));
  if (options.allowedOrigins.length > 0) app.use(crossOrigin(options.allowedOrigins));
  const { oauth } = options;
  if (oauth !== null) {
    // RFC 9728: tells clients where to get tokens for this server.
    app.get([metadataPath, `${metadataPath}${mcpPath}`], (request, response) => {
      response.json({
        resource: resourceOf(oauth.audience, request),
        resource_name: 'memoryos-mcp',
        authorization_servers: [oauth.issuer],
        scopes_supported: allScopes,
        bearer_methods_supported: ['header'],
      });
    });
  }
  app.use([mcpPath, '/metrics'], async (request, _response, next) => {
    identities.set(request, await authenticator.identify(request));
    next();
  });
  const identityOf = (request: Request): Identity => {
    const identity = identities.get(request);
    if (identity === undefined) throw new Error('A request went on without an identity');
    return identity;
  };
  const limit = limiter(options, identityOf);
  app.get('/metrics', limit.each, async (request, response) => {
    requireScopes(identityOf(request), ['memory:read'], (error) => authenticator.challenge(request, error));
    const text = await parts.metrics.text();
    response.set('Content-Type', parts.metrics.contentType).send(text);
  });
  const json = express.json({ limit: parts.limits.bodyBytesMax, strict: false, inflate: false });
  app.all([mcpPath, `${mcpPath}/`], limit.each, json, limit.batches, async (request, response) => {
    const identity = identityOf(request);
    await answerMcp(endpoint, { identity, request, response, onPassedOn: () => passedOn.add(request) });
  });
  if (options.site !== undefined) {
    const identify = async (request: Request): Promise<Identity> => {
      const identity = await authenticator.identify(request);
      identities.set(request, identity);
      return identity;
    };
    app.use(options.site({ identify, limit: limit.each }));
  }
  app.use(() => {
    throw new Refusal(404, `Nothing is served at this path. The server's path is ${mcpPath}.`);
  });
  app.use(failures(options));
  return app;
}

function trustProxies(app: Express, proxies: string | null): void {
  if (proxies === null) return;
  try {
    app.set('trust proxy', /^\d+$/.test(proxies) ? Number(proxies) : proxies);
  } catch (cause) {
    throw new MemoryError(
      'CONFIG_INVALID',
      `trust_proxy is ${JSON.stringify(proxies)}: ${messageOf(cause)}. Give a number of proxies such as "1", or addresses such as "loopback, 10.0.0.0/8".`,
      { cause },
    );
  }
}

/**
 * Logs one line for every HTTP request that contains no JSON-RPC request. JSON-RPC requests have their own
 * lines.
 */
function logLine(
  { requests, cutWith }: AppParts,
  identities: WeakMap<Request, Identity>,
  passedOn: WeakSet<Request>,
): RequestHandler {
  const clientHasGone = 499;
  return (request, response, next) => {
    const startedAt = performance.now();
    const { path, method } = request;
    response.once('close', () => {
      if (passedOn.has(request)) return;
      const status = cutWith(request) ?? (response.headersSent ? response.statusCode : clientHasGone);
      const durationMs = performance.now() - startedAt;
      requests.http({ method, path, status, durationMs, identity: identities.get(request) });
    });
    next();
  };
}

function crossOrigin(origins: readonly string[]): RequestHandler {
  return cors({
    origin: [...origins],
    methods: ['GET', 'POST', 'DELETE'],
    allowedHeaders: [
      'Authorization',
      'Content-Type',
      'Mcp-Session-Id',
      'Mcp-Protocol-Version',
      'Mcp-Method',
      'Mcp-Name',
      'Last-Event-ID',
    ],
    exposedHeaders: ['Mcp-Session-Id', 'WWW-Authenticate', 'Retry-After'],
    maxAge: 600,
  });
}

const windowMs = 60_000;

/** Counts of requests that several servers share. */
class SharedCounts implements Store {
  readonly localKeys = false;
  readonly #count: CountRequests;

  constructor(count: CountRequests) {
    this.#count = count;
  }

  async add(key: string, more: number): Promise<ClientRateLimitInfo> {
    const { count, endsInMs } = await this.#count(key, more, windowMs);
    return { totalHits: count, resetTime: new Date(Date.now() + endsInMs) };
  }

  increment(key: string): Promise<ClientRateLimitInfo> {
    return this.add(key, 1);
  }

  async decrement(key: string): Promise<void> {
    await this.add(key, -1);
  }

  /** A count ends by itself. */
  resetKey(): void {}
}

/** Limits requests by token. Every message of a batch counts. */
function limiter(
  { requestsPerMinuteMax: perMinute, countRequests = null }: HttpOptions,
  identityOf: (request: Request) => Identity,
) {
  const counts = countRequests === null ? new MemoryStore() : new SharedCounts(countRequests);
  const isFree = (request: Request) => perMinute === 0 || identityOf(request).kind === 'local';
  const each = rateLimit({
    windowMs,
    limit: Math.max(1, perMinute),
    store: counts,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator: (request) => identityOf(request).key,
    skip: isFree,
    handler: (_request, _response, next) =>
      next(
        new Refusal(
          429,
          `This token has used its limit of ${perMinute} requests per minute. Wait for the next minute.`,
        ),
      ),
  });
  const batches: RequestHandler = async (request, _response, next) => {
    const messages: unknown = request.body;
    if (Array.isArray(messages) && !isFree(request)) {
      const more = Math.min(messages.length, perMinute) - 1;
      const { key } = identityOf(request);
      if (counts instanceof SharedCounts) await counts.add(key, more);
      else for (let i = 0; i < more; i += 1) await counts.increment(key);
    }
    next();
  };
  return { each, batches };
}

/** Answers refusals. Any other error is a fault of this server and is logged. */
function failures({ log }: HttpOptions): ErrorRequestHandler {
  return (error, request, response, _next) => {
    const refusal = refusalFrom(error);
    if (refusal !== null) {
      // The rest of the body is not read.
      if (!request.complete) response.set('Connection', 'close');
      refuse(response, refusal);
      return;
    }
    log('error', `A request failed: ${error instanceof Error ? error.stack : messageOf(error)}`);
    refuse(
      response,
      new Refusal(500, 'The server failed with an internal error; its log has the details.', {
        code: -32603,
      }),
    );
  };
}

function refusalFrom(error: unknown): Refusal | null {
  if (error instanceof Refusal) return error;
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return null;
  // Errors of the body parser and the router. Their messages may quote the body.
  const { status } = error;
  if (status === 413) return new Refusal(413, 'The body is too large. Split it into several requests.');
  if (status === 415) return new Refusal(415, 'The body must be JSON in UTF-8, without Content-Encoding.');
  if (status >= 400 && status < 500)
    return new Refusal(400, 'The request is malformed: it is not JSON.', { code: -32700 });
  return null;
}

function stopping(): Refusal {
  return new Refusal(503, 'The server is shutting down. Try again in a moment.', {
    headers: { Connection: 'close', 'Retry-After': '5' },
  });
}

async function problemOf(check: () => Promise<void>): Promise<string | null> {
  try {
    await check();
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

/** The audience when it is this server's URL, as it should be; otherwise the URL of the request. */
function resourceOf(audience: string, request: Request): string {
  return /^https?:\/\//.test(audience) ? audience : `${request.protocol}://${request.host}${mcpPath}`;
}
