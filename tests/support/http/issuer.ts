import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

export interface Issuer {
  readonly url: string;
  /** Paths of the requests so far. */
  readonly asked: string[];
  /** A token of this issuer, with changes. */
  token(claims?: JWTPayload, options?: TokenOptions): Promise<string>;
  /** Subject of the people who sign in from now on. */
  changeTokens(changes: ChangedTokens): void;
  /** From now on every answer is this status; null: normal answers. */
  failWith(status: number | null): void;
  close(): Promise<void>;
}

/** Claims to replace. */
export interface ChangedTokens {
  readonly access?: JWTPayload;
  readonly id?: JWTPayload;
}

export interface TokenOptions {
  /** Signs with a key that the issuer does not publish. */
  readonly foreignKey?: boolean;
  readonly expiresIn?: string | number | Date;
  readonly without?: readonly string[];
}

/** The sign-in of the issuer: everyone who signs in is this subject. */
export interface SignsIn {
  readonly clientId: string;
  readonly sub: string;
  readonly resource: string;
  readonly scopes: readonly string[];
}

/**
 * An OAuth authorization server with only the parts that a resource server needs, and, with `signsIn`,
 * authorisation codes with PKCE for people who press "Allow" or "Decline".
 */
export async function localIssuer(
  options: { path?: string; metadataPath?: string; claimedIssuer?: string; signsIn?: SignsIn } = {},
): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const foreign = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' };
  const asked: string[] = [];
  let failure: number | null = null;
  const { signsIn } = options;
  const codes = new Map<string, URLSearchParams>();
  let changed: ChangedTokens = {};
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://issuer.test');
    if (failure === null && signsIn !== undefined && pathname === '/authorize') {
      askPerson(signsIn, searchParams, response);
      return;
    }
    if (failure === null && signsIn !== undefined && pathname === '/token') {
      void giveTokens(signsIn, request, response);
      return;
    }
    const body = failure === null ? documents()[request.url ?? ''] : undefined;
    response.statusCode = failure ?? (body === undefined ? 404 : 200);
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(body ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  const url = `${origin}${options.path ?? ''}`;
  const metadataPath = options.metadataPath ?? '/.well-known/oauth-authorization-server';
  const documents = (): Record<string, unknown> => ({
    [metadataPath]: {
      issuer: options.claimedIssuer ?? url,
      jwks_uri: `${origin}/keys`,
      ...(signsIn !== undefined && {
        authorization_endpoint: `${origin}/authorize`,
        token_endpoint: `${origin}/token`,
        scopes_supported: signsIn.scopes,
        id_token_signing_alg_values_supported: ['ES256'],
        authorization_response_iss_parameter_supported: true,
      }),
    },
    '/keys': { keys: [jwk] },
  });

  const sign: Issuer['token'] = (claims = {}, { foreignKey, expiresIn = '5m', without = [] } = {}) => {
    const all: JWTPayload = {
      iss: url,
      sub: 'alice',
      aud: 'https://memory.test/mcp',
      scope: 'memory:read memory:write',
      ...claims,
    };
    for (const name of without) delete all[name];
    const key: CryptoKey = foreignKey ? foreign.privateKey : privateKey;
    const jwt = new SignJWT(all).setProtectedHeader({ alg: 'ES256', kid: 'k1' }).setIssuedAt();
    return (without.includes('exp') ? jwt : jwt.setExpirationTime(expiresIn)).sign(key);
  };

  /** The page of the authorization server, on which a person decides. */
  function askPerson(known: SignsIn, given: URLSearchParams, response: ServerResponse): void {
    const wrong = Object.entries({
      client_id: known.clientId,
      response_type: 'code',
      code_challenge_method: 'S256',
      resource: known.resource,
    }).find(([name, value]) => given.get(name) !== value);
    const back = given.get('redirect_uri') ?? '';
    if (wrong !== undefined || !URL.canParse(back) || (given.get('state') ?? '').length < 16) {
      response.writeHead(400).end(`not as it should be: ${wrong?.[0] ?? 'redirect_uri or state'}`);
      return;
    }
    const code = randomUUID();
    codes.set(code, given);
    const to = (answer: Record<string, string>) => {
      const address = new URL(back);
      const all = { ...answer, state: given.get('state') ?? '', iss: url };
      for (const [name, value] of Object.entries(all)) address.searchParams.set(name, value);
      return address.href.replaceAll('&', '&amp;');
    };
    response.writeHead(200, { 'Content-Type': 'text/html' });
    response.end(
      `<!doctype html><a href="${to({ code })}">Allow</a> <a href="${to({ error: 'access_denied' })}">Decline</a>`,
    );
  }

  async function giveTokens(
    known: SignsIn,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const given = new URLSearchParams(body);
    const begun = codes.get(given.get('code') ?? '');
    codes.delete(given.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(given.get('code_verifier') ?? '')
      .digest('base64url');
    const isRight =
      begun !== undefined &&
      given.get('grant_type') === 'authorization_code' &&
      given.get('client_id') === known.clientId &&
      given.get('redirect_uri') === begun.get('redirect_uri') &&
      challenge === begun.get('code_challenge');
    const scopes = (begun?.get('scope') ?? '').split(' ');
    const { sub } = known;
    const tokens = {
      access_token: await sign({ sub, scope: scopes.join(' '), ...changed.access }),
      token_type: 'Bearer',
      expires_in: 300,
      ...(scopes.includes('openid') && {
        id_token: await sign({ sub, aud: known.clientId, nonce: begun?.get('nonce'), ...changed.id }),
      }),
    };
    response.writeHead(isRight ? 200 : 400, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(isRight ? tokens : { error: 'invalid_grant' }));
  }

  return {
    url,
    asked,
    token: sign,
    changeTokens(changes) {
      changed = changes;
    },
    failWith(status) {
      failure = status;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
