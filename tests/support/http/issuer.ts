import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

export interface Issuer {
  readonly url: string;
  /** Paths that were asked for. */
  readonly asked: string[];
  /** A token as this issuer would give it, with changes. */
  token(claims?: JWTPayload, options?: TokenOptions): Promise<string>;
  /** From now on there is no answer but this status; null: as before. */
  failWith(status: number | null): void;
  close(): Promise<void>;
}

export interface TokenOptions {
  /** Signed with a key the issuer does not publish. */
  readonly foreignKey?: boolean;
  readonly expiresIn?: string | number | Date;
  readonly without?: readonly string[];
}

/** An OAuth authorization server of which there is only what a resource server asks for. */
export async function localIssuer(
  options: { path?: string; metadataPath?: string; claimedIssuer?: string } = {},
): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const foreign = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' };
  const asked: string[] = [];
  let failure: number | null = null;
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
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
    [metadataPath]: { issuer: options.claimedIssuer ?? url, jwks_uri: `${origin}/keys` },
    '/keys': { keys: [jwk] },
  });

  return {
    url,
    asked,
    token: (claims = {}, { foreignKey, expiresIn = '5m', without = [] } = {}) => {
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
