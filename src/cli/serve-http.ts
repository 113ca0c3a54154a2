import { access, constants, mkdir, readFile } from 'node:fs/promises';
import type { Config } from '../app/config/config.js';
import { MemoryError, messageOf } from '../model/errors.js';
import { toUserId } from '../model/ids.js';
import { hookSocketPlace } from './hook-socket-place.js';
import { httpSite } from './http-site.js';
import { version } from './package-info.js';
import type { Settings } from './settings.js';
import { shownConfig } from './shown-config.js';

const minuteMs = 60_000;
/** How long new pages are left to the server that added them. */
const graceMs = 2000;

/** Serves MCP over HTTP as configured. Resolves with the exit code. */
export async function serveOverHttp(settings: Settings): Promise<number> {
  const { config, log, reread } = settings;
  const [
    { openPool },
    { createTokenVerifier },
    { createDatabaseTokenVerifier },
    { redactConfig },
    { onLockWait },
    { serveHttp },
    { openHookSocket },
  ] = await Promise.all([
    import('../app/pool/open-pool.js'),
    import('../app/tokens/token-verifier.js'),
    import('../app/tokens/database-tokens.js'),
    import('../app/config/config.js'),
    import('../app/lock-waits.js'),
    import('../mcp/serve-http.js'),
    import('../app/capture/open-hook-socket.js'),
  ]);
  const { pool, work, warm, database } = await openPool(config, log, reread);
  await mkdir(config.data_storage_path, { recursive: true }).catch(() => undefined);
  const localUserId = toUserId(config.user_id);
  const working = new AbortController();
  // Any server may do the work that waits in a database, unless it is left to workers.
  const worked = config.background_work ? work(working.signal, graceMs) : Promise.resolve();
  const closeHookSocket = await openHookSocket(
    hookSocketPlace(config),
    async () => pool.engineOf(localUserId),
    log,
  );
  try {
    return await serveHttp({
      version,
      host: config.http_host,
      port: config.http_port,
      allowedHosts: config.http_allowed_hosts,
      allowedOrigins: config.http_allowed_origins,
      tls: await certificate(config),
      trustProxy: config.trust_proxy ?? null,
      oauth: oauthOf(config),
      tokens:
        database === null
          ? createTokenVerifier(config.data_storage_path)
          : createDatabaseTokenVerifier(database.tokens),
      countRequests:
        database === null ? null : (key, more, windowMs) => database.counts.add(key, more, windowMs),
      localUserId,
      users: pool,
      keepsSessions: config.http_sessions ?? config.store === 'files',
      sessionsMax: config.max_sessions,
      sessionsPerUserMax: config.max_sessions_per_user,
      sessionIdleMs: config.session_idle_minutes * minuteMs,
      requestsPerMinuteMax: config.rate_limit_per_minute,
      answerBytesMax: config.max_answer_bytes,
      project: config.project ?? null,
      shownConfig: shownConfig(config, redactConfig),
      site: await httpSite(settings, pool),
      checkReady: async () => {
        await access(config.data_storage_path, constants.R_OK | constants.W_OK);
        // Throws an error that says what is wrong.
        await database?.isUpToDate();
        // A load balancer sends requests to a ready server, so a server is ready only when it answers fast.
        if (database !== null) await warm();
      },
      onLockWait,
      log,
      close: async () => {
        working.abort();
        await worked;
        await pool.close();
      },
    });
  } finally {
    await closeHookSocket();
  }
}

async function certificate({ http_tls_cert: cert, http_tls_key: key }: Config) {
  if (cert === undefined || key === undefined) return null;
  return { cert: await pem('http_tls_cert', cert), key: await pem('http_tls_key', key) };
}

async function pem(name: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new MemoryError('CONFIG_INVALID', `${name}: ${messageOf(cause)}. Name a file that can be read.`, {
      cause,
    });
  }
}

function oauthOf({ oauth_issuer: issuer, oauth_audience: audience }: Config) {
  return issuer === undefined || audience === undefined ? null : { issuer, audience };
}
