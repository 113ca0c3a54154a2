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
import { Metrics } from './metrics.js';
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
  const limits: HttpLimits = { ...defaultLimits, ...options.limits };
  const { log, users, tokens, oauth } = options;
  const isOpen = isLoopback(options.host) && options.trustProxy === null && oauth === null;
  const authenticator = new Authenticator({
    tokens,
    jwt: oauth === null ? null : (await import('./oauth.js')).createJwtVerifier(oauth, log),
    localUserId: isOpen ? options.localUserId : null,
    metadataPath: oauth === null ? null : `${metadataPath}${mcpPath}`,
  });
  const metrics = new Metrics();
  const requests = new RequestLog(log, metrics);
  const events = new EventLog(limits.eventBytesMax);
  const sessions = new Sessions({
    max: options.sessionsMax,
    maxPerUser: options.sessionsPerUserMax,
    idleMs: options.sessionIdleMs,
    isStillValid: (identity) => authenticator.isStillValid(identity),
    log,
  });
  const stateless = new StatelessEndpoint({
    version: options.version,
    engineOf: (userId) => users.engineOf(userId),
    answerBytesMax: options.answerBytesMax,
    project: options.project,
    shownConfig: ({ userId, kind }) => options.shownConfig(userId, kind === 'local'),
    servesOlder: !options.keepsSessions,
    subscriptionsMax: options.sessionsPerUserMax,
    commentEveryMs: limits.commentEveryMs,
    isStillValid: (identity) => authenticator.isStillValid(identity),
    observe: (identity, exchange) => requests.exchange(identity, exchange),
    log,
  });
  const cut = new WeakMap<IncomingMessage, number>();
  const openRequests = new OpenRequests();
  const listening = new OpenRequests();
  let stopping: Promise<void> | null = null;

  const app = createApp({
    options,
    limits,
    authenticator,
    requests,
    isStopping: () => stopping !== null,
    cutWith: (request) => cut.get(request),
    metrics: {
      contentType: metrics.contentType,
      text: async () =>
        metrics.text({
          sessions: sessions.size,
          openUsers: users.openUsers,
          eventBytes: events.bytes,
          stats: await users.stats(),
        }),
    },
    endpoint: {
      stateless,
      onListening: (response) => {
        openRequests.leave(response);
        listening.add(response);
      },
      sessions: options.keepsSessions ? sessions : null,
      checkScopes: (request, identity, body) =>
        checkScopes(identity, body, (error) => authenticator.challenge(request, error)),
      newSession: (identity) =>
        new HttpSession(identity, {
          version: options.version,
          engine: users.engineOf(identity.userId),
          events: events.session(),
          commentEveryMs: limits.commentEveryMs,
          answerBytesMax: options.answerBytesMax,
          project: options.project,
          shownConfig: options.shownConfig(identity.userId, identity.kind === 'local'),
          log,
          observe: (exchange) => requests.exchange(identity, exchange),
        }),
    },
  });
  const server = listener(options, limits, (request, response) => {
    // Express, the log, limits and streams each listen for the end: more listeners than Node expects without
    // a leak.
    response.setMaxListeners(20);
    if (request.method === 'POST') openRequests.add(response);
    app(request, response);
  });
  answerBrokenRequests(server, cut, requests);
  const cancelLockWaits = options.onLockWait?.((waitedMs) => metrics.lockWait(waitedMs));
  const url = await listen(server, options);

  async function stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    await openRequests.over(limits.drainMs);
    await Promise.all([sessions.close(), stateless.close()]);
    // Waiting and listening clients have now received their last message.
    await Promise.all([openRequests.over(lastWordsMs), listening.over(lastWordsMs)]);
    server.closeAllConnections();
    await closed;
    cancelLockWaits?.();
    metrics.close();
  }

  return {
    url,
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
}

/** Requires authentication unless only this machine can reach the server. */
async function checkAccess({ host, trustProxy, oauth, tokens }: HttpOptions): Promise<void> {
  const isShut = oauth !== null || (isLoopback(host) && trustProxy === null);
  if (isShut || (await tokens.anyValid())) return;
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
