import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import express from 'express';
import { afterEach, describe, expect, it } from 'vitest';
import { type Access, AccessRefused, LinkAccess, TokenAccess } from '../../../src/api/access.js';
import { openApiOf } from '../../../src/api/openapi.js';
import type { Operations } from '../../../src/api/operations.js';
import { routes } from '../../../src/api/routes.js';
import { createSite } from '../../../src/api/site.js';
import type { MemoryEngine } from '../../../src/engine/memory-engine.js';
import { MemoryError } from '../../../src/model/errors.js';
import { toUserId } from '../../../src/model/ids.js';
import type { SegmentSummary } from '../../../src/model/results.js';
import { fakeEngine } from '../../support/fake-engine.js';

const owners: Readonly<Record<string, string>> = { 'token-of-ann': 'ann', 'token-of-bob': 'bob' };
const readers: Readonly<Record<string, string>> = { 'token-to-read': 'ann' };

const tokens = () =>
  new TokenAccess(async (request) => {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const owner = owners[token] ?? readers[token];
    if (owner === undefined) throw new AccessRefused(401, 'A token is needed.');
    const scopes = token in readers ? ['memory:read'] : ['memory:read', 'memory:write'];
    return { userId: toUserId(owner), scopes: new Set(scopes), isLocal: false };
  });

const operations: Operations = {
  version: '1.2.3',
  settings: (userId) => ({ user_id: userId }),
  problems: async () => [],
  backups: async () => [],
  backUp: async () => ({ name: 'a', kind: 'asked', made_at: '2026-03-01T00:00:00.000Z' }),
  restore: async () => ({ pages: 0, facts: 0 }),
  importFile: async () => {
    throw new Error('the test did not expect an import');
  },
  exported: async () => {
    throw new Error('the test did not expect an export');
  },
};

const servers: Server[] = [];
const folders: string[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

async function serve(memory: Partial<MemoryEngine> = {}, access: Access = tokens()): Promise<string> {
  const pagesFolder = mkdtempSync(path.join(tmpdir(), 'site-'));
  folders.push(pagesFolder);
  writeFileSync(path.join(pagesFolder, 'index.html'), '<!doctype html><title>Memory</title>');
  const app = express();
  app.use(
    createSite({
      access,
      operations,
      pagesFolder,
      memoryOf: (userId) => fakeEngine({ log: async () => [], ...memory, ...{ userId } } as never),
      report: () => undefined,
    }),
  );
  const server = createServer(app).listen(0, '127.0.0.1');
  servers.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function segmentSummaryOf(id: string, theme: string): SegmentSummary {
  return {
    segment_id: id as SegmentSummary['segment_id'],
    theme,
    summary: '',
    keywords: [],
    heat: 1,
    n_visit: 0,
    l_interaction: 0,
    r_recency: 1,
    pages: 1,
    first_page_at: null,
    last_page_at: null,
    updated_at: '2026-03-01T00:00:00.000Z',
    analysed_by: 'builtin',
  };
}

const intent = { 'X-MemoryOS': '1' };
const signIn = (base: string, token: string) =>
  fetch(`${base}/api/v1/session`, {
    method: 'POST',
    headers: { ...intent, 'Content-Type': 'application/json' },
    body: JSON.stringify({ token }),
  });
const cookieOf = (response: Response) => response.headers.get('set-cookie')?.split(';')[0] ?? '';

describe('the pages', () => {
  it('have a policy that forbids foreign and inline code', async () => {
    const response = await fetch(`${await serve()}/`);
    expect(response.status).toBe(200);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('unsafe-inline');
  });
});

describe('the API', () => {
  it('refuses requests without a token', async () => {
    const base = await serve();
    for (const route of routes) {
      const response = await fetch(`${base}/api/v1${route.path.replace(/\{\w+\}/g, 'x')}`, {
        method: route.method.toUpperCase(),
        headers: { ...intent, 'Content-Type': 'application/json' },
        ...(route.method !== 'get' && { body: '{}' }),
      });
      expect({ path: route.path, status: response.status }).toEqual({ path: route.path, status: 401 });
    }
    expect((await fetch(`${base}/api/v1/changes`)).status).toBe(401);
    expect((await fetch(`${base}/api/v1/export`)).status).toBe(401);
  });

  it('keeps the token in a cookie that scripts cannot read and other sites cannot send', async () => {
    const base = await serve();
    const response = await signIn(base, 'token-of-ann');
    expect(await response.json()).toEqual({ user_id: 'ann' });
    const header = response.headers.get('set-cookie') ?? '';
    expect(header).toContain('HttpOnly');
    expect(header).toContain('SameSite=Strict');
    const session = await fetch(`${base}/api/v1/session`, { headers: { Cookie: cookieOf(response) } });
    expect(await session.json()).toMatchObject({ user_id: 'ann', version: '1.2.3' });
  });

  it('refuses a change that another site could have caused', async () => {
    const base = await serve({ log: async () => [] });
    const cookie = cookieOf(await signIn(base, 'token-of-ann'));
    const response = await fetch(`${base}/api/v1/backups`, {
      method: 'POST',
      headers: { Cookie: cookie, 'Content-Type': 'application/json' },
      body: '{}',
    });
    expect(response.status).toBe(403);
    const meant = await fetch(`${base}/api/v1/backups`, {
      method: 'POST',
      headers: { Cookie: cookie, ...intent, 'Content-Type': 'application/json' },
      body: '{}',
    });
    expect(meant.status).toBe(200);
  });

  it('gives each user their own memory', async () => {
    const base = await serve();
    for (const [token, owner] of Object.entries(owners)) {
      const settings = await fetch(`${base}/api/v1/settings`, {
        headers: { Authorization: `Bearer ${token}` },
      });
      expect(await settings.json()).toMatchObject({ config: { user_id: owner } });
    }
  });

  it('refuses writes with a read-only scope', async () => {
    const base = await serve();
    const headers = { Authorization: 'Bearer token-to-read', 'Content-Type': 'application/json' };
    expect((await fetch(`${base}/api/v1/log`, { headers })).status).toBe(200);
    const response = await fetch(`${base}/api/v1/backups`, { method: 'POST', headers, body: '{}' });
    expect(response.status).toBe(403);
  });

  it.each([
    ['a field that is not known', { query: 'x', quary: 'y' }, 400, 'quary'],
    ['a value of another kind', { query: 5 }, 400, 'query'],
    ['what is no object', [], 400, 'object'],
  ])('refuses %s and names the problem', async (_what, body, status, said) => {
    const base = await serve();
    const response = await fetch(`${base}/api/v1/ask`, {
      method: 'POST',
      headers: { Authorization: 'Bearer token-of-ann', 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(status);
    const { error } = (await response.json()) as { error: { message: string } };
    expect(error.message).toContain(said);
  });

  it.each([
    ['NOT_FOUND', 404],
    ['CONFLICT', 409],
    ['STORE_BUSY', 503],
    ['STORE_IO', 500],
  ] as const)('tells of %s with status %i', async (code, status) => {
    const base = await serve({
      log: async () => {
        throw new MemoryError(code, 'What happened.');
      },
    });
    const response = await fetch(`${base}/api/v1/log`, { headers: { Authorization: 'Bearer token-of-ann' } });
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ error: { code, message: 'What happened.' } });
  });

  it('lists segments part by part, with the heat of the time when the list was begun', async () => {
    const asked: number[] = [];
    const named = (theme: string) =>
      segmentSummaryOf(`sg_000000001${theme.slice(0, 1).padEnd(16, '0')}`, theme);
    const listed = ['allotment', 'bicycle', 'cello', 'dog'].map(named);
    const segments = async (atMs = 0) => {
      asked.push(atMs);
      return listed;
    };
    const base = await serve({ segments });
    const get = async (query: string) => {
      const headers = { Authorization: 'Bearer token-of-ann' };
      const response = await fetch(`${base}/api/v1/segments?${query}`, { headers });
      const answer = (await response.json()) as {
        segments?: { theme: string }[];
        total?: number;
        next?: string | null;
        error?: { code: string };
      };
      return { ...answer, status: response.status, themes: answer.segments?.map(({ theme }) => theme) };
    };
    const first = await get('limit=3');
    expect(first).toMatchObject({ themes: ['allotment', 'bicycle', 'cello'], total: 4 });
    const rest = await get(`limit=3&after=${first.next}`);
    expect(rest).toMatchObject({ themes: ['dog'], total: 4, next: null });
    expect(asked[1]).toBe(asked[0]);
    expect(await get('text=CELLO')).toMatchObject({ themes: ['cello'], total: 1, next: null });
    listed.splice(2, 1);
    expect(await get(`after=${first.next}`)).toMatchObject({ status: 404, error: { code: 'NOT_FOUND' } });
    expect(await get('after=nothing')).toMatchObject({ status: 400, error: { code: 'INPUT_INVALID' } });
  });

  it('is described by OpenAPI, every operation of it', async () => {
    const described = openApiOf(routes, '1.2.3');
    const paths = described.paths as Record<string, Record<string, { summary: string }>>;
    for (const route of routes) expect(paths[route.path]?.[route.method]?.summary).toBe(route.summary);
    const response = await fetch(`${await serve()}/api/v1/openapi.json`);
    expect(await response.json()).toEqual(JSON.parse(JSON.stringify(described)));
  });
});

describe('access by a link', () => {
  it('works once', async () => {
    const access = new LinkAccess({
      userId: toUserId('ann'),
      scopes: new Set(['memory:read', 'memory:write']),
      isLocal: true,
    });
    const key = access.key ?? '';
    const base = await serve({}, access);
    const first = await signIn(base, key);
    expect(first.status).toBe(200);
    expect(access.key).toBeNull();
    expect((await signIn(base, key)).status).toBe(401);
    const withCookie = { headers: { Cookie: cookieOf(first) } };
    expect((await fetch(`${base}/api/v1/log`, withCookie)).status).toBe(200);
    expect(
      (await fetch(`${base}/api/v1/log`, { headers: { Cookie: 'memoryos_session=guess' } })).status,
    ).toBe(401);
  });
});
