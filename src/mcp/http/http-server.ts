import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { MemoryError, messageOf } from '../../model/errors.js';
import { createApp, mcpPath, metadataPath } from './app.js';
import { Authenticator } from './authenticator.js';
import { EventLog } from './event-log.js';
import { isLoopback } from './guard.js';
import { HttpSession } from './http-session.js';
import type { Identity } from './identity.js';
import { Metrics } from './metrics.js';
import type { JwtVerifier } from './oauth.js';
import { OpenRequests } from './open-requests.js';
import { defaultLimits, type HttpLimits, type HttpOptions } from './options.js';
import { errorBody } from './refusal.js';
import { RequestLog } from './request-log.js';
import { checkScopes } from './scopes.js';
import { Sessions } from './sessions.js';
import { StatelessEndpoint } from './stateless.js';

export interface HttpServer {
  /** URL of the MCP endpoint. */
  readonly url: string;
  /** Accepts no new requests, waits up to `drainMs` for those in progress, and ends all sessions. */
  stop(): Promise<void>;
}

const lastWordsMs = 300;

/**
 * Starts to listen. Throws CONFIG_INVALID when the configuration would give strangers access, or when the
 * address is not available.
 */
export async function startHttp(options: HttpOptions): Promise<HttpServer> {
  await checkAccess(options);
  const { oauth, log } = options;
  const jwt = oauth === null ? null : (await import('./oauth.js')).createJwtVerifier(oauth, log);
  const server = new RunningServer(options, jwt);
  await server.listen();
  return server;
}

class RunningServer implements HttpServer {
  url = '';
  readonly #options: HttpOptions;
  readonly #limits: HttpLimits;
  readonly #authenticator: Authenticator;
  readonly #metrics = new Metrics();
  readonly #requests: RequestLog;
  readonly #events: EventLog;
  readonly #sessions: Sessions;
  readonly #stateless: StatelessEndpoint;
  readonly #openRequests = new OpenRequests();
  /** Requests that continue until the client or the server ends them. */
  readonly #streams = new OpenRequests();
  readonly #server: AnyServer;
  #cancelLockWaits: (() => void) | undefined;
  #stopping: Promise<void> | null = null;

  constructor(options: HttpOptions, jwt: JwtVerifier | null) {
    const { host, trustProxy, oauth, tokens, localUserId, log } = options;
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    const isOpen = isLoopback(host) && trustProxy === null && oauth === null;
    this.#authenticator = new Authenticator({
      tokens,
      jwt,
      localUserId: isOpen ? localUserId : null,
      metadataPath: oauth === null ? null : `${metadataPath}${mcpPath}`,
    });
    this.#requests = new RequestLog(log, this.#metrics);
    this.#events = new EventLog(this.#limits.eventBytesMax);
    this.#sessions = new Sessions({
      max: options.sessionsMax,
      maxPerUser: options.sessionsPerUserMax,
      idleMs: options.sessionIdleMs,
      isStillValid: (identity) => this.#authenticator.isStillValid(identity),
      log,
    });
    this.#stateless = this.#newStateless();
    const cut = new WeakMap<IncomingMessage, number>();
    const app = this.#newApp((request) => cut.get(request));
    this.#server = listener(options, this.#limits, (request, response) => {
      // Express, the log, limits and streams each listen for the end: more listeners than Node expects without
      // a leak.
      response.setMaxListeners(20);
      if (request.method === 'POST') this.#openRequests.add(response);
      app(request, response);
    });
    answerBrokenRequests(this.#server, cut, this.#requests);
  }

  /** Throws CONFIG_INVALID when the address is not available. */
  async listen(): Promise<void> {
    this.#cancelLockWaits = this.#options.onLockWait?.((waitedMs) => this.#metrics.lockWait(waitedMs));
    this.url = await listen(this.#server, this.#options);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await this.#openRequests.over(this.#limits.drainMs);
    await Promise.all([this.#sessions.close(), this.#stateless.close()]);
    // Waiting clients and those with a stream have now received their last message.
    await Promise.all([this.#openRequests.over(lastWordsMs), this.#streams.over(lastWordsMs)]);
    this.#server.closeAllConnections();
    await closed;
    this.#cancelLockWaits?.();
    this.#metrics.close();
  }

  #newStateless(): StatelessEndpoint {
    const options = this.#options;
    return new StatelessEndpoint({
      version: options.version,
      engineOf: (userId) => options.users.engineOf(userId),
      answerBytesMax: options.answerBytesMax,
      project: options.project,
      shownConfig: ({ userId, kind }) => options.shownConfig(userId, kind === 'local'),
      servesOlder: !options.keepsSessions,
      subscriptionsMax: options.sessionsPerUserMax,
      commentEveryMs: this.#limits.commentEveryMs,
      isStillValid: (identity) => this.#authenticator.isStillValid(identity),
      observe: (identity, exchange) => this.#requests.exchange(identity, exchange),
      log: options.log,
    });
  }

  #newApp(cutWith: (request: IncomingMessage) => number | undefined): RequestListener {
    return createApp({
      options: this.#options,
      limits: this.#limits,
      authenticator: this.#authenticator,
      requests: this.#requests,
      isStopping: () => this.#stopping !== null,
      cutWith,
      metrics: { contentType: this.#metrics.contentType, text: () => this.#metricsText() },
      endpoint: {
        stateless: this.#stateless,
        onListening: (response) => {
          this.#openRequests.leave(response);
          this.#streams.add(response);
        },
        sessions: this.#options.keepsSessions ? this.#sessions : null,
        checkScopes: (request, identity, body) =>
          checkScopes(identity, body, (error) => this.#authenticator.challenge(request, error)),
        newSession: (identity) => this.#newSession(identity),
      },
    });
  }

  #newSession(identity: Identity): HttpSession {
    const options = this.#options;
    return new HttpSession(identity, {
      version: options.version,
      engine: options.users.engineOf(identity.userId),
      events: this.#events.session(),
      commentEveryMs: this.#limits.commentEveryMs,
      answerBytesMax: options.answerBytesMax,
      project: options.project,
      shownConfig: options.shownConfig(identity.userId, identity.kind === 'local'),
      log: options.log,
      observe: (exchange) => this.#requests.exchange(identity, exchange),
    });
  }

  async #metricsText(): Promise<string> {
    const { users } = this.#options;
    return this.#metrics.text({
      sessions: this.#sessions.size,
      openUsers: users.openUsers,
      eventBytes: this.#events.bytes,
      stats: await users.stats(),
    });
  }
}

/** Requires authentication unless only this machine can reach the server. */
async function checkAccess({ host, trustProxy, oauth, tokens }: HttpOptions): Promise<void> {
  const isRestricted = oauth !== null || (isLoopback(host) && trustProxy === null);
  if (isRestricted || (await tokens.anyValid())) return;
  const why =
    trustProxy === null
      ? `The address ${host} can be reached from other machines`
      : 'With trust_proxy set the server can be reached from other machines';
  throw new MemoryError(
    'CONFIG_INVALID',
    `${why}, and there is no token, so anybody could read and write the memory. Create one with "memoryos-mcp token create --user <id>", set oauth_issuer and oauth_audience, or listen on 127.0.0.1 without a proxy.`,
  );
}

type AnyServer = ReturnType<typeof createServer> | ReturnType<typeof createTlsServer>;

function listener({ tls }: HttpOptions, limits: HttpLimits, listen: RequestListener): AnyServer {
  const times = {
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: limits.checkEveryMs,
  };
  const server = tls === null ? createServer(times, listen) : secureServer({ ...tls, ...times }, listen);
  server.timeout = limits.standstillMs;
  return server;
}

function secureServer(options: ServerOptions, listen: RequestListener): AnyServer {
  try {
    return createTlsServer(options, listen);
  } catch (cause) {
    throw new MemoryError(
      'CONFIG_INVALID',
      `http_tls_cert and http_tls_key cannot be used: ${messageOf(cause)}. Give a certificate chain and its key, both in PEM form.`,
      { cause },
    );
  }
}

/**
 * Answers data that is not HTTP, or that does not arrive completely in time. Such data never becomes a
 * request of the app.
 */
function answerBrokenRequests(
  server: AnyServer,
  cut: WeakMap<IncomingMessage, number>,
  requests: RequestLog,
): void {
  const latest = new WeakMap<
    Duplex,
    { readonly request: IncomingMessage; readonly response: ServerResponse }
  >();
  server.on('request', (request, response) => latest.set(request.socket, { request, response }));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    const { status, message } = brokenBy(error.code);
    const last = latest.get(socket);
    const isUnanswered = last === undefined || last.response.writableFinished || !last.response.headersSent;
    if (last !== undefined && !last.request.complete) cut.set(last.request, status);
    else requests.http({ method: '-', path: '-', status, durationMs: 0, identity: undefined });
    if (!isUnanswered || !socket.writable) {
      socket.destroy();
      return;
    }
    const body = errorBody(-32000, message);
    const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n`;
    socket.end(head + body, () => socket.destroy());
  });
}

function brokenBy(code: string | undefined): { readonly status: number; readonly message: string } {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return { status: 408, message: 'The request took too long to arrive.' };
  if (code === 'HPE_HEADER_OVERFLOW') return { status: 431, message: 'The headers are too large.' };
  return { status: 400, message: 'This is not an HTTP request.' };
}

async function listen(server: Server, { host, port, tls }: HttpOptions): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: host.replace(/^\[|\]$/g, ''), port }, () => {
      server.off('error', reject);
      resolve();
    });
  }).catch((cause: unknown) => {
    throw new MemoryError(
      'CONFIG_INVALID',
      `Cannot listen on ${host} port ${port}: ${messageOf(cause)}. Choose another --port or --host, or stop the program that uses it.`,
      { cause },
    );
  });
  const { address, family, port: found } = addressOf(server);
  return `http${tls === null ? '' : 's'}://${family === 'IPv6' ? `[${address}]` : address}:${found}${mcpPath}`;
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('Not listening on a port');
  return address;
}
