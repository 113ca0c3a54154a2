import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { Request, RequestHandler } from 'express';
import { Refusal } from './refusal.js';

const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];

/** Whether only this machine can reach an address. A name other than localhost is not resolved: it counts as not. */
export function isLoopback(host: string): boolean {
  const plain = host.replace(/^\[|\]$/g, '').toLowerCase();
  return plain === 'localhost' || plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}

export interface GuardOptions {
  /** The address that is listened on. */
  readonly host: string;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
}

/**
 * Refuses what a web page could have made a browser send: requests for a host name that is not this server's
 * (DNS rebinding) and requests from pages of other origins.
 */
export function guard(options: GuardOptions): RequestHandler {
  const hosts = hostCheck(options);
  const origins = new Set(options.allowedOrigins);
  return (request, _response, next) => {
    const host = hostNameOf(request.host);
    if (host === null || !hosts(host)) {
      throw new Refusal(403, 'This host name is not known here. Allow it with http_allowed_hosts.');
    }
    const { origin } = request.headers;
    if (origin !== undefined && !origins.has(origin) && origin !== ownOrigin(request)) {
      throw new Refusal(403, 'This origin is not allowed. Allow it with http_allowed_origins.');
    }
    next();
  };
}

/**
 * Over loopback the loopback names count. Elsewhere also every address, which no DNS can point to another
 * machine, and this machine's name.
 */
function hostCheck({ host, allowedHosts }: GuardOptions): (name: string) => boolean {
  const isLocal = isLoopback(host);
  const named = [host.includes(':') && !host.startsWith('[') ? `[${host}]` : host, ...allowedHosts];
  const names = new Set([...loopbackNames, ...named.flatMap((name) => hostNameOf(name) ?? [])]);
  if (!isLocal) names.add(hostname().toLowerCase());
  return (name) => names.has(name) || (!isLocal && isIP(name.replace(/^\[|\]$/g, '')) !== 0);
}

/** Without the port, in lower case; null for what is no host. */
function hostNameOf(host: string | undefined): string | null {
  if (host === undefined || !/^[\w.-]+(:\d+)?$|^\[[\da-f:.]+\](:\d+)?$/i.test(host)) return null;
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : null;
}

function ownOrigin(request: Request): string | null {
  const url = `${request.protocol}://${request.host}`;
  return URL.canParse(url) ? new URL(url).origin : null;
}
