import type { JWTVerifyGetKey } from 'jose';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import * as z from 'zod';
import { messageOf } from '../../model/errors.js';
import { toUserId } from '../../model/ids.js';
import { allScopes, type Identity, type Scope } from './identity.js';
import { Refusal } from './refusal.js';

export interface OAuthOptions {
  /** The authorization server's issuer, exactly as in its tokens. */
  readonly issuer: string;
  /** The audience that tokens for this server must have. */
  readonly audience: string;
}

/**
 * Verifies a JWT of the issuer and identifies its holder. Throws a Refusal: 401 for an invalid token, 503
 * when the keys are not available.
 */
export type JwtVerifier = (token: string) => Promise<Identity>;

/** Only asymmetric algorithms. With a shared secret, this server could issue tokens itself. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const clockToleranceSeconds = 10;
const fetchTimeoutMs = 5000;
/** Waiting time after a failed request to the issuer. */
const retryMs = 5000;

const metadataSchema = z.looseObject({
  issuer: z.string(),
  jwks_uri: z.url(),
  authorization_endpoint: z.url().optional(),
  token_endpoint: z.url().optional(),
  scopes_supported: z.array(z.string()).optional(),
});
/** The metadata of an authorization server. */
export type IssuerMetadata = z.infer<typeof metadataSchema>;
const scopesSchema = z.union([z.string().transform((text) => text.split(' ')), z.array(z.string())]);

/** Verifies the JWTs of an OAuth 2.1 authorization server with the keys that its metadata names. */
export function createJwtVerifier(
  options: OAuthOptions,
  log: (level: 'warning', message: string) => void,
): JwtVerifier {
  let keys: Promise<JWTVerifyGetKey> | undefined;
  let failedAt = Number.NEGATIVE_INFINITY;

  async function keysOfIssuer(): Promise<JWTVerifyGetKey> {
    if (keys === undefined && performance.now() - failedAt < retryMs) throw new Error('tried a moment ago');
    keys ??= discover(options.issuer).then(({ jwks_uri: address }) =>
      createRemoteJWKSet(new URL(address), { timeoutDuration: fetchTimeoutMs }),
    );
    try {
      return await keys;
    } catch (error) {
      keys = undefined;
      failedAt = performance.now();
      throw error;
    }
  }

  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, await keysOfIssuer(), {
        issuer: options.issuer,
        audience: options.audience,
        algorithms,
        clockTolerance: clockToleranceSeconds,
        requiredClaims: ['sub', 'exp'],
      });
      const { sub, exp = 0 } = payload;
      if (typeof sub !== 'string')
        throw new Refusal(401, 'The token is not valid: its claim "sub" is not text.');
      return {
        key: `oauth:${sub}`,
        kind: 'oauth',
        userId: toUserId(sub),
        scopes: scopesFrom(payload.scope ?? payload.scp),
        expiresAtMs: exp * 1000,
        tokenId: null,
      };
    } catch (error) {
      if (error instanceof Refusal) throw error;
      if (isAboutToken(error)) throw new Refusal(401, `The token is not valid: ${reasonOf(error)}`);
      log('warning', `The keys of ${options.issuer} are not available: ${messageOf(error)}`);
      throw new Refusal(
        503,
        'The authorization server cannot be reached, so tokens cannot be checked. Try again.',
        {
          headers: { 'Retry-After': String(retryMs / 1000) },
        },
      );
    }
  };
}

const aboutKeys: readonly string[] = ['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID'];

function isAboutToken(error: unknown): error is Error {
  const isId = error instanceof Error && 'code' in error && error.code === 'ID_INVALID';
  return isId || (error instanceof errors.JOSEError && !aboutKeys.includes(error.code));
}

/** Says only which check failed. */
function reasonOf(error: Error): string {
  if (error instanceof errors.JWTExpired) return 'it has expired. Get a new one.';
  if (error instanceof errors.JWTClaimValidationFailed) return `its claim "${error.claim}" is wrong.`;
  if (error instanceof errors.JOSEError) return 'its signature or form is wrong.';
  return 'its subject cannot be the id of a user.';
}

function scopesFrom(claim: unknown): ReadonlySet<Scope> {
  const parsed = scopesSchema.safeParse(claim);
  const given: readonly string[] = parsed.success ? parsed.data : [];
  return new Set(allScopes.filter((scope) => given.includes(scope)));
}

/**
 * Fetches the issuer's metadata. RFC 8414 and OpenID Connect Discovery place it at different paths. Throws when
 * neither path has it.
 */
export async function discover(issuer: string): Promise<IssuerMetadata> {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  const places = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}/.well-known/openid-configuration${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
  const problems: string[] = [];
  for (const place of new Set(places)) {
    try {
      const response = await fetch(place, { signal: AbortSignal.timeout(fetchTimeoutMs), redirect: 'error' });
      if (!response.ok) throw new Error(`status ${response.status}`);
      const metadata = metadataSchema.parse(await response.json());
      if (metadata.issuer !== issuer) throw new Error(`it names another issuer, ${metadata.issuer}`);
      return metadata;
    } catch (error) {
      problems.push(`${place}: ${messageOf(error)}`);
    }
  }
  throw new Error(problems.join('; '));
}
