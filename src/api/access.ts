import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Caller } from './route.js';

export const sessionCookie = 'memoryos_session';
/** Browsers send this header to another origin only after a preflight request, which the server refuses. */
export const intentHeader = 'x-memoryos';

/** Identifies the sender of a request. Both methods throw AccessRefused for senders without access. */
export interface Access {
  /** By the `Authorization` header, by the cookie, or without either when no authentication is required. */
  identify(request: Request): Promise<Caller>;
  /** Sets the cookie for a sender with a valid token. */
  signIn(request: Request, response: Response, token: string): Promise<Caller>;
}

/** A refusal with its HTTP status. */
export class AccessRefused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Access with the tokens of a server. The token is kept in a cookie that scripts cannot read. */
export class TokenAccess implements Access {
  readonly #verify: (request: Request) => Promise<Caller>;

  /** `verify` identifies the sender by the `Authorization` header. Throws AccessRefused. */
  constructor(verify: (request: Request) => Promise<Caller>) {
    this.#verify = verify;
  }

  identify(request: Request): Promise<Caller> {
    const token = cookieOf(request);
    if (token !== null && request.headers.authorization === undefined) {
      request.headers.authorization = `Bearer ${token}`;
    }
    return this.#verify(request);
  }

  async signIn(request: Request, response: Response, token: string): Promise<Caller> {
    request.headers.authorization = `Bearer ${token}`;
    const caller = await this.#verify(request);
    setCookie(request, response, token);
    return caller;
  }
}

/** Access with a link that works once, for a server that a person has started for their own browser. */
export class LinkAccess implements Access {
  readonly #caller: Caller;
  #key: string | null = randomBytes(32).toString('base64url');
  readonly #session = randomBytes(32).toString('base64url');

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** The secret of the link; null after it was used. */
  get key(): string | null {
    return this.#key;
  }

  async identify(request: Request): Promise<Caller> {
    const session = cookieOf(request);
    if (session !== null && isSame(session, this.#session)) return this.#caller;
    throw new AccessRefused(
      401,
      'Open the link that "memoryos-mcp ui" printed, or start it again for a new one.',
    );
  }

  async signIn(request: Request, response: Response, key: string): Promise<Caller> {
    if (this.#key === null || !isSame(key, this.#key)) {
      throw new AccessRefused(
        401,
        'This link has already been used. Start "memoryos-mcp ui" again for a new one.',
      );
    }
    this.#key = null;
    setCookie(request, response, this.#session);
    return this.#caller;
  }
}

export function clearCookie(response: Response): void {
  response.clearCookie(sessionCookie, { path: '/' });
}

function setCookie(request: Request, response: Response, value: string): void {
  response.cookie(sessionCookie, value, {
    httpOnly: true,
    sameSite: 'strict',
    secure: request.secure,
    path: '/',
  });
}

const cookieOf = (request: Request) => cookieNamed(request, sessionCookie);

/** The value of a cookie; null when it is missing. */
export function cookieNamed(request: Request, wanted: string): string | null {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [name, value] = part.trim().split('=', 2);
    if (name === wanted && value !== undefined && /^[\w.~+/=-]+$/.test(value)) return value;
  }
  return null;
}

function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
