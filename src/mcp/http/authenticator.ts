import type { Request } from 'express';
import type { UserId } from '../../model/ids.js';
import { allScopes, type Identity } from './identity.js';
import type { JwtVerifier } from './oauth.js';
import { Refusal } from './refusal.js';

/** Access to this server's own tokens. */
export interface Tokens {
  /** Whether any token was ever created, even if it is revoked now. */
  any(): Promise<boolean>;
  /** Whether a token exists that is not revoked. */
  anyValid(): Promise<boolean>;
  /** Null when the token is wrong or revoked. */
  verify(token: string): Promise<{ readonly id: string; readonly userId: UserId } | null>;
  /** Whether a verified token is still valid. */
  isValid(id: string): Promise<boolean>;
}

export interface AuthenticatorOptions {
  readonly tokens: Tokens;
  readonly jwt: JwtVerifier | null;
  /** The user of requests without a token; null: requests need a token. */
  readonly localUserId: UserId | null;
  /** Path of the protected-resource metadata; null when there is none. */
  readonly metadataPath: string | null;
}

const ownTokenPrefix = 'mos_';

/** Identifies the sender of a request and refuses everyone else. */
export class Authenticator {
  readonly #options: AuthenticatorOptions;
  #local: Identity | null;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
    this.#local =
      options.localUserId === null
        ? null
        : {
            key: 'local',
            kind: 'local',
            userId: options.localUserId,
            scopes: new Set(allScopes),
            expiresAtMs: null,
            tokenId: null,
          };
  }

  /** Throws a Refusal: 401, or 503 when a token cannot be checked. */
  async identify(request: Request): Promise<Identity> {
    const token = bearer(request.headers.authorization);
    if (token === null) {
      const local = await this.#localNow();
      if (local !== null && request.headers.authorization === undefined) return local;
      throw this.#unauthorised(request, 'A token is needed: "Authorization: Bearer <token>".', undefined);
    }
    if (token.startsWith(ownTokenPrefix) || this.#options.jwt === null) return this.#holder(request, token);
    try {
      return await this.#options.jwt(token);
    } catch (error) {
      if (error instanceof Refusal && error.status === 401) {
        throw this.#unauthorised(request, error.message, 'error="invalid_token"');
      }
      throw error;
    }
  }

  /** Whether an identity that was accepted would be accepted again. */
  async isStillValid(identity: Identity): Promise<boolean> {
    if (identity.kind === 'local') return (await this.#localNow()) !== null;
    return identity.tokenId === null || this.#options.tokens.isValid(identity.tokenId);
  }

  /** The value of WWW-Authenticate; it says where to get tokens. */
  challenge(request: Request, error: string | undefined): string {
    const { metadataPath } = this.#options;
    const metadata =
      metadataPath === null
        ? []
        : [`resource_metadata="${request.protocol}://${request.host}${metadataPath}"`];
    return `Bearer ${['realm="memoryos-mcp"', ...(error === undefined ? [] : [error]), ...metadata].join(', ')}`;
  }

  async #holder(request: Request, token: string): Promise<Identity> {
    const { tokens } = this.#options;
    const verified = await tokens.verify(token);
    if (verified === null) {
      throw this.#unauthorised(
        request,
        'The token is not valid here. Request a new one.',
        'error="invalid_token"',
      );
    }
    return {
      key: `token:${verified.id}`,
      kind: 'token',
      userId: verified.userId,
      scopes: new Set(allScopes),
      expiresAtMs: null,
      tokenId: verified.id,
    };
  }

  /** Once tokens exist, access without a token is refused, even after the last token was revoked. */
  async #localNow(): Promise<Identity | null> {
    if (this.#local !== null && (await this.#options.tokens.any())) this.#local = null;
    return this.#local;
  }

  #unauthorised(request: Request, message: string, error: string | undefined): Refusal {
    return new Refusal(401, message, { headers: { 'WWW-Authenticate': this.challenge(request, error) } });
  }
}

function bearer(header: string | undefined): string | null {
  return /^Bearer +([A-Za-z0-9._~+/=-]+) *$/i.exec(header ?? '')?.[1] ?? null;
}
