import express, {
  type ErrorRequestHandler,
  type Request,
  type RequestHandler,
  type Response,
  Router,
} from 'express';
import type { MemoryEngine } from '../engine/memory-engine.js';
import { MemoryError, type MemoryErrorCode, messageOf } from '../model/errors.js';
import type { UserId } from '../model/ids.js';
import { type Access, AccessRefused, clearCookie, intentHeader } from './access.js';
import { streamChanges } from './change-stream.js';
import { importUpload } from './import-upload.js';
import { type OAuthSignIn, SignInRefused } from './oauth-sign-in.js';
import { openApiOf } from './openapi.js';
import type { Operations } from './operations.js';
import type { Caller, Route } from './route.js';
import { routes } from './routes.js';

export const apiPath = '/api/v1';
/** The path to which an authorization server returns the browser; it must be registered there. */
export const oauthReturnPath = `${apiPath}/session/oauth/done`;

export interface SiteOptions {
  readonly access: Access;
  readonly memoryOf: (userId: UserId) => MemoryEngine;
  readonly operations: Operations;
  /** Signs in at an authorization server; null: the pages ask for a token. */
  readonly oauth?: OAuthSignIn | null | undefined;
  /** Counts requests of an identified sender, and refuses those over the limit. */
  readonly limit?: RequestHandler | undefined;
  /** Folder of the built pages. */
  readonly pagesFolder: string;
  readonly report: (level: 'warning' | 'error', message: string) => void;
}

const contentPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const bodyBytesMax = '1mb';

/** The browser pages and their API, for an express app. */
export function createSite(options: SiteOptions): Router {
  const site = Router();
  site.use(apiPath, apiOf(options));
  site.use((request, response, next) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return next();
    response.set({
      'Content-Security-Policy': contentPolicy,
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Opener-Policy': 'same-origin',
    });
    next();
  });
  site.use(
    express.static(options.pagesFolder, {
      index: 'index.html',
      redirect: false,
      setHeaders(response, file) {
        // Names of built files contain a hash of their content.
        if (/[\\/]built[\\/]/.test(file))
          response.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
      },
    }),
  );
  return site;
}

type CallerOf = (request: Request) => Caller;

function apiOf(options: SiteOptions): Router {
  const { access, operations } = options;
  const api = Router();
  const callers = new WeakMap<Request, Caller>();
  const callerOf: CallerOf = (request) => {
    const caller = callers.get(request);
    if (caller === undefined) throw new Error('A request went on without a caller');
    return caller;
  };
  api.use((request, _response, next) => {
    const changes = !['GET', 'HEAD', 'OPTIONS'].includes(request.method);
    if (changes && request.headers[intentHeader] !== '1' && request.headers.authorization === undefined) {
      throw new AccessRefused(403, `Requests that change something need the header ${intentHeader}: 1.`);
    }
    next();
  });
  api.use(express.json({ limit: bodyBytesMax }));
  api.get('/openapi.json', (_request, response) => {
    response.json(openApiOf(routes, operations.version));
  });
  offerSignIn(api, options);
  api.use(async (request, _response, next) => {
    callers.set(request, await access.identify(request));
    next();
  });
  if (options.limit !== undefined) api.use(options.limit);
  offerStreams(api, options, callerOf);
  offerRoutes(api, options, callerOf);
  api.use(() => {
    throw new AccessRefused(
      404,
      `Nothing is served at this path. ${apiPath}/openapi.json lists all operations.`,
    );
  });
  api.use(failures(options));
  return api;
}

/** Signing in and out. These requests have no caller yet. */
function offerSignIn(api: Router, options: SiteOptions): void {
  const { access } = options;
  api.post('/session', async (request, response) => {
    const token: unknown = request.body?.token;
    if (typeof token !== 'string' || token === '') throw new AccessRefused(401, 'A token is needed.');
    const caller = await access.signIn(request, response, token);
    response.json({ user_id: caller.userId });
  });
  api.get('/session/ways', (_request, response) => {
    response.json({ oauth: options.oauth?.issuer ?? null });
  });
  api.get('/session/oauth', async (request, response) => {
    await signInElsewhere(options, response, (oauth) => oauth.begin(request, response));
  });
  api.get('/session/oauth/done', async (request, response) => {
    await signInElsewhere(options, response, async (oauth) => {
      const token = await oauth.finish(request, response);
      await access.signIn(request, response, token);
      response.redirect('/');
    });
  });
  api.delete('/session', (_request, response) => {
    clearCookie(response);
    response.json({});
  });
}

/** The operations that are not calls with JSON. */
function offerStreams(api: Router, { access, memoryOf, operations }: SiteOptions, callerOf: CallerOf): void {
  api.get('/changes', (request, response) => {
    const caller = callerOf(request);
    check(caller, 'memory:read');
    const isAllowed = () =>
      access.identify(request).then(
        ({ userId, scopes }) => userId === caller.userId && scopes.has('memory:read'),
        // A check that fails now is repeated later.
        (error: unknown) => !(error instanceof AccessRefused && error.status === 401),
      );
    streamChanges(memoryOf(caller.userId), request, response, isAllowed);
  });
  api.get('/export', async (request, response) => {
    const caller = callerOf(request);
    check(caller, 'memory:read');
    const lines = await operations.exported(caller.userId);
    response.attachment(`memory-${caller.userId}.jsonl`).type('application/jsonl');
    lines.pipe(response);
  });
  api.post('/import', async (request, response) => {
    const caller = callerOf(request);
    check(caller, 'memory:write');
    await importUpload(request, response, caller.userId, operations);
  });
}

function offerRoutes(api: Router, { memoryOf, operations }: SiteOptions, callerOf: CallerOf): void {
  for (const route of routes) {
    api[route.method](route.path.replace(/\{(\w+)\}/g, ':$1'), async (request, response) => {
      const caller = callerOf(request);
      check(caller, route.scope);
      const gone = new AbortController();
      response.once('close', () => gone.abort());
      const context = { memory: memoryOf(caller.userId), caller, operations, signal: gone.signal };
      response.json(await route.answer(inputOf(route, request), context));
    });
  }
}

/**
 * Handles the return from an authorization server. After a failure the visitor is a person with a browser, so
 * the pages show the reason.
 */
async function signInElsewhere(
  { oauth, report }: SiteOptions,
  response: Response,
  step: (oauth: OAuthSignIn) => Promise<void>,
): Promise<void> {
  if (!oauth)
    throw new AccessRefused(404, 'Sign-in with OAuth is not configured (oauth_issuer, oauth_client_id).');
  try {
    await step(oauth);
  } catch (error) {
    const failure =
      error instanceof SignInRefused ? error.failure : error instanceof AccessRefused ? 'refused' : null;
    if (failure === null) throw error;
    report('warning', `Signing in at ${oauth.issuer} failed (${failure}): ${messageOf(error)}`);
    response.redirect(`/#sign-in=${failure}`);
  }
}

function inputOf(route: Route, request: Request): unknown {
  const given: unknown = route.method === 'get' ? request.query : (request.body ?? {});
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given;
  return { ...given, ...request.params };
}

function check(caller: Caller, scope: string): void {
  if (!caller.scopes.has(scope)) throw new AccessRefused(403, `This token lacks the scope ${scope}.`);
}

/** Answers with `{error: {code, message}}`. Internal errors are also logged. */
function failures({ report }: SiteOptions): ErrorRequestHandler {
  return (error, _request, response: Response, _next) => {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const { status, code, message } = answerTo(error);
    if (status >= 500) report('error', `A request of the pages failed: ${messageOf(error)}`);
    response.status(status).json({ error: { code, message } });
  };
}

function answerTo(error: unknown): { status: number; code: string; message: string } {
  if (error instanceof MemoryError) {
    return { status: statusOf(error.code), code: error.code, message: error.message };
  }
  if (error instanceof Error && 'status' in error && typeof error.status === 'number' && error.status < 500) {
    const message =
      error instanceof AccessRefused ? error.message : 'The request is malformed. Send JSON of at most 1 MB.';
    return { status: error.status, code: error.status === 401 ? 'SIGN_IN' : 'REFUSED', message };
  }
  return {
    status: 500,
    code: 'FAILED',
    message: 'The server failed with an internal error; its log has the details.',
  };
}

function statusOf(code: MemoryErrorCode): number {
  switch (code) {
    case 'INPUT_INVALID':
    case 'ID_INVALID':
      return 400;
    case 'NOT_FOUND':
      return 404;
    case 'CONFLICT':
      return 409;
    case 'STORE_BUSY':
    case 'MODEL_UNAVAILABLE':
      return 503;
    default:
      return 500;
  }
}
