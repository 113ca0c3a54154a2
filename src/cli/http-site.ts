import type { RequestHandler } from 'express';
import type { OAuthSignIn } from '../api/oauth-sign-in.js';
import type { SiteAccess, UserEngines } from '../mcp/http/options.js';
import { pagesFolder } from './package-info.js';
import type { Settings } from './settings.js';

/** The browser pages, protected by the tokens of the HTTP server. */
export async function httpSite(
  settings: Settings,
  users: UserEngines,
): Promise<(access: SiteAccess) => RequestHandler> {
  const [{ createSite }, { AccessRefused, TokenAccess }, operations] = await Promise.all([
    import('../api/site.js'),
    import('../api/access.js'),
    import('./site-operations.js').then(({ siteOperations }) => siteOperations(settings)),
  ]);
  const oauth = await oauthSignIn(settings);
  return ({ identify, limit }) => {
    const access = new TokenAccess(async (request) => {
      const { userId, scopes, kind } = await identify(request).catch((error: unknown) => {
        const hasStatus = error instanceof Error && 'status' in error && typeof error.status === 'number';
        throw hasStatus ? new AccessRefused(Number(error.status), error.message) : error;
      });
      return { userId, scopes, isLocal: kind === 'local' };
    });
    return createSite({
      access,
      oauth,
      limit,
      memoryOf: (userId) => users.engineOf(userId),
      operations,
      pagesFolder: pagesFolder(),
      report: settings.log,
    });
  };
}

/** Null when the pages are not registered at an issuer. */
async function oauthSignIn({ config }: Settings): Promise<OAuthSignIn | null> {
  const { oauth_issuer: issuer, oauth_audience: audience, oauth_client_id: clientId } = config;
  if (issuer === undefined || audience === undefined || clientId === undefined) return null;
  const [{ OAuthSignIn }, { oauthReturnPath }, { discover }, { allScopes }] = await Promise.all([
    import('../api/oauth-sign-in.js'),
    import('../api/site.js'),
    import('../mcp/http/oauth.js'),
    import('../mcp/http/identity.js'),
  ]);
  return new OAuthSignIn({
    issuer,
    audience,
    clientId,
    scopes: allScopes,
    returnPath: oauthReturnPath,
    discover: () => discover(issuer),
  });
}
