import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { Request, RequestHandler } from 'express';
import { Refusal } from './refusal.js';

const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Whether an address is reachable only from this machine. Names other than localhost are not resolved and
 * count as reachable from elsewhere.
 */
export function isLoopback(host: string): boolean {
  const plain = host.replace(/^\[|\]$/g, '').toLowerCase();
  return plain === 'localhost' || plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}

export interface GuardOptions {
  /** The address the server listens on. */
  readonly host: string;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
}

/**
 * Refuses requests that a web page could have made a browser send: those for a host name that is not this
 * server's (DNS rebinding), and those from pages of other origins.
 */
export function guard(options: GuardOptions): RequestHandler {
  const hosts = hostCheck(options);
  const origins = new Set(options.allowedOrigins);
  return (request, _response, next) => {
    const host = hostNameOf(request.host);
    if (host === null || !hosts(host)) {
      throw new Refusal(403, 'This host name is not allowed. Allow it with http_allowed_hosts.');
    }
    const { origin } = request.headers;
    if (origin !== undefined && !origins.has(origin) && origin !== ownOrigin(request)) {
      throw new Refusal(403, 'This origin is not allowed. Allow it with http_allowed_origins.');
    }
    next();
  };
}

/**
 * On a loopback address, only the loopback names are accepted. On other addresses, IP addresses (which DNS
 * cannot redirect) and this machine's name are accepted, too.
 */
function hostCheck({ host, allowedHosts }: GuardOptions): (name: string) => boolean {
  const isLocal = isLoopback(host);
  const named = [host.includes(':') && !host.startsWith('[') ? `[${host}]` : host, ...allowedHosts];
  const names = new Set([...loopbackNames, ...named.flatMap((name) => hostNameOf(name) ?? [])]);
  if (!isLocal) names.add(hostname().toLowerCase());
  return (name) => names.has(name) || (!isLocal && isIP(name.replace(/^\[|\]$/g, '')) !== 0);
}

/** The host without the port, in lower case; null when it is not a valid host. */
function hostNameOf(host: string | undefined): string | null {
  if (host === undefined || !/^[\w.-]+(:\d+)?$|^\[[\da-f:.]+\](:\d+)?$/i.test(host)) return null;
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : null;
}

function ownOrigin(request: Request): string | null {
  const url = `${request.protocol}://${request.host}`;
  return URL.canParse(url) ? new URL(url).origin : null;
}
