import { createHash, randomBytes, scryptSync } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTokenVerifier } from '../../../../src/app/tokens/token-verifier.js';
import {
  createToken,
  listTokens,
  revokeToken,
  tokenPath,
  tokensFolder,
  tokensIn,
} from '../../../../src/app/tokens/tokens.js';
import { toUserId } from '../../../../src/model/ids.js';
import { makeFolder } from '../../../support/folders.js';

let folder: string;
let remove: () => Promise<void>;
const nowMs = Date.parse('2026-05-01T10:00:00Z');

beforeEach(async () => {
  ({ folder, remove } = await makeFolder());
});
afterEach(() => remove());

async function create(user = 'alice', name = '') {
  return createToken(tokensIn(folder), { userId: toUserId(user), name, nowMs });
}

/** A token file in the form of version 0.1.0. */
async function createOfVersion1(user: string): Promise<string> {
  const { token, record } = await create(user);
  const salt = randomBytes(16);
  const cost = { n: 32_768, r: 8, p: 1 };
  const hash = scryptSync(token, salt, 32, {
    N: cost.n,
    r: cost.r,
    p: cost.p,
    maxmem: 256 * cost.n * cost.r,
  });
  const { sha256: _, ...file } = JSON.parse(await readFile(tokenPath(folder, record.id), 'utf8'));
  const scrypt = { salt: salt.toString('base64url'), hash: hash.toString('base64url'), ...cost };
  await writeFile(tokenPath(folder, record.id), JSON.stringify({ ...file, schema_version: 1, scrypt }));
  return token;
}

describe('a token', () => {
  it('is stored only as a hash, readable only by its owner', async () => {
    const { token, record } = await create('alice', 'laptop');
    const file = tokenPath(folder, record.id);
    const text = await readFile(file, 'utf8');
    const secret = token.slice(-43);
    expect(token).toBe(`mos_${record.id}_${secret}`);
    expect(text).not.toContain(secret);
    expect(JSON.parse(text)).toMatchObject({
      schema_version: 2,
      user_id: 'alice',
      name: 'laptop',
      revoked_at: null,
      sha256: createHash('sha256').update(token).digest('base64url'),
    });
    if (process.platform !== 'win32') expect((await stat(tokensFolder(folder))).mode & 0o077).toBe(0);
  });

  it('is listed without its hash, oldest first', async () => {
    const first = await create('alice', 'laptop');
    const second = await createToken(tokensIn(folder), {
      userId: toUserId('bob'),
      name: '',
      nowMs: nowMs + 1,
    });
    expect(await listTokens(tokensIn(folder))).toEqual([first.record, second.record]);
    expect(first.record).toEqual({
      id: first.record.id,
      userId: 'alice',
      name: 'laptop',
      createdAt: '2026-05-01T10:00:00.000Z',
      revokedAt: null,
    });
  });

  it('is never lost when many are created at the same time', async () => {
    await Promise.all(Array.from({ length: 6 }, (_, index) => create(`user ${index}`)));
    expect(new Set((await listTokens(tokensIn(folder))).map((one) => one.userId)).size).toBe(6);
    expect((await readdir(tokensFolder(folder))).every((name) => name.endsWith('.json'))).toBe(true);
  });

  it('has no hash after revocation, and stays in the list', async () => {
    const { record } = await create();
    const revoked = await revokeToken(tokensIn(folder), record.id, nowMs + 1000);
    expect(revoked.revokedAt).toBe('2026-05-01T10:00:01.000Z');
    expect(JSON.parse(await readFile(tokenPath(folder, record.id), 'utf8')).sha256).toBeNull();
    expect(await revokeToken(tokensIn(folder), record.id, nowMs + 9000)).toEqual(revoked);
    expect(await listTokens(tokensIn(folder))).toEqual([revoked]);
  });

  it.each(['abc', '../../../etc/passwd', '..', '', 'a/b', 'k3v9x0q2m7ab', 'K3V9X0Q2M7AB', 'con'])(
    'that does not exist cannot be revoked: %s',
    async (id) => {
      await expect(revokeToken(tokensIn(folder), id, nowMs)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    },
  );
});

describe('verifying', () => {
  it('identifies the user of a token', async () => {
    const { token, record } = await create();
    const verifier = createTokenVerifier(folder);
    expect(await verifier.verify(token)).toEqual({ id: record.id, userId: 'alice' });
    expect(await verifier.verify(token)).toEqual({ id: record.id, userId: 'alice' });
  });

  it('refuses a wrong secret, before and after the right one was used', async () => {
    const { token } = await create();
    const verifier = createTokenVerifier(folder);
    const wrong = token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A');
    expect(await verifier.verify(wrong)).toBeNull();
    expect(await verifier.verify(token)).not.toBeNull();
    expect(await verifier.verify(wrong)).toBeNull();
    expect(await verifier.verify(token)).not.toBeNull();
  });

  it('refuses the secret of another token', async () => {
    const alice = await create('alice');
    const bob = await create('bob');
    const verifier = createTokenVerifier(folder);
    const mixed = `mos_${alice.record.id}_${bob.token.slice(-43)}`;
    expect(await verifier.verify(mixed)).toBeNull();
    expect(await verifier.verify(alice.token)).toMatchObject({ userId: 'alice' });
    expect(await verifier.verify(bob.token)).toMatchObject({ userId: 'bob' });
    expect(await verifier.verify(mixed)).toBeNull();
  });

  it.each([
    '',
    'x',
    'mos_',
    `mos_${'a'.repeat(12)}_${'b'.repeat(43)}`,
    `mos_../../alice_${'b'.repeat(43)}`,
    `mos_${'a'.repeat(12)}_${'b'.repeat(44)}`,
    `mos_${'A'.repeat(12)}_${'b'.repeat(43)}`,
    `mos_${'a'.repeat(12)}_${'b'.repeat(42)}\n`,
  ])('refuses an unknown token %j', async (token) => {
    const verifier = createTokenVerifier(folder);
    expect(await verifier.verify(token)).toBeNull();
  });

  it('still accepts tokens of version 1, and guesses at one do not delay others', async () => {
    const old = await createOfVersion1('alice');
    const { token } = await create('bob');
    const verifier = createTokenVerifier(folder);
    const wrong = old.slice(0, -1) + (old.endsWith('A') ? 'B' : 'A');
    let refused = 0;
    const guesses = Array.from({ length: 10 }, async () => {
      expect(await verifier.verify(wrong)).toBeNull();
      refused += 1;
    });
    expect(await verifier.verify(token)).toMatchObject({ userId: 'bob' });
    expect(refused).toBeLessThan(10);
    await Promise.all(guesses);
    expect(await verifier.verify(old)).toMatchObject({ userId: 'alice' });
    expect(await verifier.verify(wrong)).toBeNull();
    await revokeToken(tokensIn(folder), old.slice(4, 16), nowMs);
    expect(await verifier.verify(old)).toBeNull();
  });

  it('notices a revocation by another process at once', async () => {
    const { token, record } = await create();
    const verifier = createTokenVerifier(folder);
    await verifier.verify(token);
    expect(await verifier.isValid(record.id)).toBe(true);
    await revokeToken(tokensIn(folder), record.id, nowMs);
    expect(await verifier.isValid(record.id)).toBe(false);
    expect(await verifier.verify(token)).toBeNull();
  });

  it('accepts a token that was created after it started', async () => {
    const verifier = createTokenVerifier(folder);
    expect(await verifier.any()).toBe(false);
    const { token } = await create();
    expect(await verifier.any()).toBe(true);
    expect(await verifier.verify(token)).not.toBeNull();
  });

  it('reports that tokens existed, even when none is valid any more', async () => {
    const verifier = createTokenVerifier(folder);
    expect(await verifier.anyValid()).toBe(false);
    const { record } = await create();
    expect(await verifier.anyValid()).toBe(true);
    await revokeToken(tokensIn(folder), record.id, nowMs);
    expect(await verifier.anyValid()).toBe(false);
    expect(await verifier.any()).toBe(true);
  });

  it('accepts many simultaneous requests with one new token', async () => {
    const { token } = await create();
    const verifier = createTokenVerifier(folder);
    const answers = await Promise.all(Array.from({ length: 50 }, () => verifier.verify(token)));
    expect(answers.every((one) => one?.userId === 'alice')).toBe(true);
  });

  it.each([
    ['no JSON', '{'],
    ['empty', ''],
    ['another form', '{"schema_version":1}'],
  ])('reports a damaged file: %s', async (_what, content) => {
    const { token, record } = await create();
    await writeFile(tokenPath(folder, record.id), content);
    const verifier = createTokenVerifier(folder);
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    expect(await verifier.any()).toBe(true);
  });

  it("refuses the file of one token under another's name", async () => {
    const alice = await create('alice');
    const bob = await create('bob');
    await writeFile(tokenPath(folder, bob.record.id), await readFile(tokenPath(folder, alice.record.id)));
    await expect(createTokenVerifier(folder).verify(bob.token)).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
    });
  });
});
