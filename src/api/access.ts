import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Caller } from './route.js';

export const sessionCookie = 'memoryos_session';
/** A page of another origin cannot send it without asking first, and is then refused. */
export const intentHeader = 'x-memoryos';

/** Tells who sends a request. Both methods throw AccessRefused for those who may not come in. */
export interface Access {
  /** By `Authorization`, by the cookie, or because nobody has to show anything here. */
  identify(request: Request): Promise<Caller>;
  /** Sets the cookie for those who show a token. */
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

/** Access by the tokens of a server: the token is kept in a cookie that no script can read. */
export class TokenAccess implements Access {
  readonly #verify: (request: Request) => Promise<Caller>;

  /** `verify` tells who sends a request by its `Authorization` header alone. Throws AccessRefused. */
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

/** Access by a link that works once, for a server that one person has started for their own browser. */
export class LinkAccess implements Access {
  readonly #caller: Caller;
  #key: string | null = randomBytes(32).toString('base64url');
  readonly #session = randomBytes(32).toString('base64url');

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** The secret of the link; null once it was used. */
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
        'This link was used already. Start "memoryos-mcp ui" again for a new one.',
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

/** The value of a cookie; null where there is none. */
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
