import type { CookieOptions, Request, Response } from 'express';
import * as oauth from 'oauth4webapi';
import { cookieNamed } from './access.js';

export interface OAuthSignInOptions {
  readonly issuer: string;
  /** Metadata of the authorization server (RFC 8414). Throws when it is not available. */
  readonly discover: () => Promise<Readonly<Record<string, unknown>> & { readonly issuer: string }>;
  /** The id under which the pages are registered there, as a public client. */
  readonly clientId: string;
  /** The audience that tokens must have. A URL is also sent as the resource (RFC 8707). */
  readonly audience: string;
  readonly scopes: readonly string[];
  /** The path at this server to which the issuer returns the browser. */
  readonly returnPath: string;
}

/** Why the sign-in failed, for the pages to show. */
export type SignInFailure = 'denied' | 'unreachable' | 'late' | 'failed';

const pendingCookie = 'memoryos_sign_in';
const pendingMs = 10 * 60_000;
const answerWithinMs = 10_000;

/**
 * Signs in at an authorization server: authorisation code with PKCE, state and, with OpenID Connect, a nonce.
 * The data of an attempt is kept in a cookie of its browser, so any of several servers can complete it.
 */
export class OAuthSignIn {
  readonly #options: OAuthSignInOptions;

  constructor(options: OAuthSignInOptions) {
    this.#options = options;
  }

  get issuer(): string {
    return this.#options.issuer;
  }

  /** Sends the browser to the authorization server. Throws {@link SignInRefused}. */
  async begin(request: Request, response: Response): Promise<void> {
    const { clientId, audience, scopes } = this.#options;
    const server = await this.#server();
    const verifier = oauth.generateRandomCodeVerifier();
    const state = oauth.generateRandomState();
    const nonce = oauth.generateRandomNonce();
    const speaksOpenId = server.scopes_supported?.includes('openid') === true;
    if (server.authorization_endpoint === undefined) {
      throw new SignInRefused('failed', 'its metadata names no authorization endpoint');
    }
    const address = new URL(server.authorization_endpoint);
    const parameters = {
      client_id: clientId,
      redirect_uri: this.#returnAddress(request),
      response_type: 'code',
      scope: [...(speaksOpenId ? ['openid'] : []), ...scopes].join(' '),
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      ...(speaksOpenId && { nonce }),
      ...(URL.canParse(audience) && { resource: audience }),
    };
    for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
    const pending = [verifier, state, speaksOpenId ? nonce : ''].join('.');
    response.cookie(pendingCookie, pending, { ...this.#cookie(request), maxAge: pendingMs });
    response.redirect(address.href);
  }

  /**
   * The access token, after the authorization server has returned the browser. Throws {@link SignInRefused}.
   */
  async finish(request: Request, response: Response): Promise<string> {
    const { clientId, audience } = this.#options;
    const [verifier, state, nonce] = cookieNamed(request, pendingCookie)?.split('.', 3) ?? [];
    response.clearCookie(pendingCookie, this.#cookie(request));
    if (!verifier || !state) {
      throw new SignInRefused('late', 'This browser began no sign-in in the last ten minutes.');
    }
    const server = await this.#server();
    const client = { client_id: clientId };
    const came = new URL(request.originalUrl, this.#returnAddress(request));
    try {
      const given = oauth.validateAuthResponse(server, client, came, state);
      const answer = await oauth.authorizationCodeGrantRequest(
        server,
        client,
        oauth.None(),
        given,
        this.#returnAddress(request),
        verifier,
        {
          signal: AbortSignal.timeout(answerWithinMs),
          // An issuer configured without TLS is on this machine or network.
          [oauth.allowInsecureRequests]: server.issuer.startsWith('http:'),
          ...(URL.canParse(audience) && { additionalParameters: { resource: audience } }),
        },
      );
      const tokens = await oauth.processAuthorizationCodeResponse(server, client, answer, {
        ...(nonce && { expectedNonce: nonce }),
        requireIdToken: Boolean(nonce),
      });
      return tokens.access_token;
    } catch (error) {
      const isDenied = error instanceof oauth.AuthorizationResponseError && error.error === 'access_denied';
      // These messages contain neither codes nor tokens.
      throw new SignInRefused(isDenied ? 'denied' : 'failed', error instanceof Error ? error.message : '');
    }
  }

  async #server(): Promise<oauth.AuthorizationServer> {
    try {
      // The library checks the fields it uses.
      return (await this.#options.discover()) as oauth.AuthorizationServer;
    } catch (error) {
      throw new SignInRefused('unreachable', error instanceof Error ? error.message : '');
    }
  }

  #returnAddress(request: Request): string {
    return `${request.protocol}://${request.host}${this.#options.returnPath}`;
  }

  /** Lax, because the cookie must be sent when the authorization server returns the browser. */
  #cookie(request: Request): CookieOptions {
    return { httpOnly: true, sameSite: 'lax', secure: request.secure, path: this.#options.returnPath };
  }
}

/** The sign-in failed. The message is for the log. */
export class SignInRefused extends Error {
  readonly failure: SignInFailure;

  constructor(failure: SignInFailure, message: string) {
    super(message);
    this.failure = failure;
  }
}
