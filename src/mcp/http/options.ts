import type { Request, RequestHandler } from 'express';
import type { MemoryEngine } from '../../engine/memory-engine.js';
import type { UserId } from '../../model/ids.js';
import type { StatsResult } from '../../model/results.js';
import type { Tokens } from './doorkeeper.js';
import type { Identity } from './identity.js';
import type { OAuthOptions } from './oauth.js';
import type { HttpLog } from './request-log.js';

/** The memories of many users. */
export interface UserEngines {
  /** Does no I/O; opened by the first call. Closing it only lets go of its listeners. */
  engineOf(userId: UserId): MemoryEngine;
  readonly openUsers: number;
  /** Of the memories that are open. */
  stats(): Promise<StatsResult[]>;
}

export interface HttpLimits {
  readonly bodyBytesMax: number;
  /** For a request's headers, from the first byte on. */
  readonly headersMs: number;
  /** For a whole request, from the first byte on. */
  readonly requestMs: number;
  /** A connection without a request is closed after this long. */
  readonly keepAliveMs: number;
  /** A connection on which nothing moves is closed, also one whose client does not read. */
  readonly standstillMs: number;
  /** How often an open stream gets a comment, so that proxies do not take it for dead. */
  readonly commentEveryMs: number;
  /** How often connections are checked against these times. */
  readonly checkEveryMs: number;
  /** Requests under way may take this long once the server is to stop. */
  readonly drainMs: number;
  /** Events kept for clients that reconnect, over all sessions. */
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

/** Who may come in, and how often, for what is served beside MCP. */
export interface Door {
  /** By the `Authorization` header. Throws a Refusal. */
  identify(request: Request): Promise<Identity>;
  /** Counts requests of an identified sender and refuses those over the limit. */
  readonly limit: RequestHandler;
}

export interface HttpOptions {
  readonly version: string;
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  /** PEM. */
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | null;
  /** A number of proxies, or their addresses as express takes them. */
  readonly trustProxy: string | null;
  readonly oauth: OAuthOptions | null;
  readonly tokens: Tokens;
  /** Whose memory those have who come over loopback without a token. */
  readonly localUserId: UserId;
  readonly users: UserEngines;
  /** False: clients of older revisions are answered without a session too, by any process. */
  readonly keepsSessions: boolean;
  readonly sessionsMax: number;
  readonly sessionsPerUserMax: number;
  readonly sessionIdleMs: number;
  /** Per token; 0: no limit. */
  readonly requestsPerMinuteMax: number;
  readonly answerBytesMax: number;
  readonly project: string | null;
  /** The configuration as it may be shown to this user. */
  readonly shownConfig: (userId: UserId, isLocal: boolean) => Readonly<Record<string, unknown>>;
  /** Throws when this server cannot work now. */
  readonly checkReady: () => Promise<void>;
  /** Calls back with every wait for a lock, in milliseconds. Returns a canceller. */
  readonly onLockWait?: ((listener: (waitedMs: number) => void) => () => void) | undefined;
  readonly log: HttpLog;
  /** Serves what has nothing to do with MCP at the same address. */
  readonly site?: ((door: Door) => RequestHandler) | undefined;
  readonly limits?: Partial<HttpLimits> | undefined;
}
