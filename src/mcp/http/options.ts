import type { Request, RequestHandler } from 'express';
import type { MemoryEngine } from '../../engine/memory-engine.js';
import type { UserId } from '../../model/ids.js';
import type { StatsResult } from '../../model/results.js';
import type { Tokens } from './authenticator.js';
import type { Identity } from './identity.js';
import type { OAuthOptions } from './oauth.js';
import type { HttpLog } from './request-log.js';

/** The memories of many users. */
export interface UserEngines {
  /** Does no I/O: the first call opens the memory. Closing it only removes its listeners. */
  engineOf(userId: UserId): MemoryEngine;
  readonly openUsers: number;
  /** Statistics of the open memories. */
  stats(): Promise<StatsResult[]>;
}

export interface HttpLimits {
  readonly bodyBytesMax: number;
  /** Time for a request's headers, from the first byte. */
  readonly headersMs: number;
  /** Time for a complete request, from the first byte. */
  readonly requestMs: number;
  /** A connection without a request is closed after this long. */
  readonly keepAliveMs: number;
  /** A connection without traffic is closed after this long, also when its client does not read. */
  readonly standstillMs: number;
  /** How often an open stream gets a comment, so that proxies do not close it as dead. */
  readonly commentEveryMs: number;
  /** How often connections are checked against these limits. */
  readonly checkEveryMs: number;
  /** How long requests in progress may take after the server has begun to stop. */
  readonly drainMs: number;
  /** Size of the events kept for clients that reconnect, over all sessions. */
  readonly eventBytesMax: number;
}

export const defaultLimits: HttpLimits = {
  bodyBytesMax: 16 * 1024 * 1024,
  headersMs: 10_000,
  requestMs: 60_000,
  keepAliveMs: 65_000,
  standstillMs: 300_000,
  commentEveryMs: 15_000,
  checkEveryMs: 1000,
  drainMs: 1000,
  eventBytesMax: 32 * 1024 * 1024,
};

/** Adds to a sender's counter, which restarts when its period is over. */
export type CountRequests = (
  key: string,
  more: number,
  windowMs: number,
) => Promise<{ readonly count: number; readonly endsInMs: number }>;

/** Authentication and rate limit for what is served beside MCP. */
export interface SiteAccess {
  /** Identifies the sender by the `Authorization` header. Throws a Refusal. */
  identify(request: Request): Promise<Identity>;
  /** Counts requests of an identified sender and refuses those over the limit. */
  readonly limit: RequestHandler;
}

export interface HttpOptions {
  readonly version: string;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  /** PEM. */
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | null;
  /** Number of proxies, or their addresses in express's format. */
  readonly trustProxy: string | null;
  readonly oauth: OAuthOptions | null;
  readonly tokens: Tokens;
  /** The user of loopback requests without a token. */
  readonly localUserId: UserId;
  readonly users: UserEngines;
  /** False: clients of older revisions are served without a session, too, by any process. */
  readonly keepsSessions: boolean;
  readonly sessionsMax: number;
  readonly sessionsPerUserMax: number;
  readonly sessionIdleMs: number;
  /** Limit for each token; 0: none. */
  readonly requestsPerMinuteMax: number;
  /** Counts requests together with other servers; null: this process counts alone. */
  readonly countRequests?: CountRequests | null | undefined;
  readonly answerBytesMax: number;
  readonly project: string | null;
  /** The configuration in the form that this user may see. */
  readonly shownConfig: (userId: UserId, isLocal: boolean) => Readonly<Record<string, unknown>>;
  /** Throws when this server cannot work at present. */
  readonly checkReady: () => Promise<void>;
  /** Calls the listener with every lock wait, in milliseconds. Returns a function that unsubscribes. */
  readonly onLockWait?: ((listener: (waitedMs: number) => void) => () => void) | undefined;
  readonly log: HttpLog;
  /** Handler for everything else at the same address. */
  readonly site?: ((access: SiteAccess) => RequestHandler) | undefined;
  readonly limits?: Partial<HttpLimits> | undefined;
}
