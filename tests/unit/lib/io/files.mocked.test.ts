import { existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { filesOf } from '../../../../src/lib/io/files.js';
import { makeFolderInMemory } from '../../../support/folders.js';

/** How often the operation of this name still fails, and with which error. */
const failing = vi.hoisted(() => ({ name: '', code: '', times: 0 }));

vi.mock('node:fs', async (importOriginal) => {
  const original = await importOriginal<{ readonly default: typeof import('node:fs') }>();
  const names = ['open', 'stat', 'rename', 'unlink', 'symlink', 'readlink', 'writeFile'] as const;
  const wrapped = names.map((name) => {
    const run = (...given: unknown[]) => {
      const done = given.at(-1);
      if (failing.name !== name || failing.times === 0 || typeof done !== 'function') {
        return Reflect.apply(original.default[name], original.default, given);
      }
      failing.times -= 1;
      return done(Object.assign(new Error(failing.code), { code: failing.code }));
    };
    return [name, run];
  });
  return { ...original, default: { ...original.default, ...Object.fromEntries(wrapped) } };
});

let place: Awaited<ReturnType<typeof makeFolderInMemory>>;
beforeEach(async () => {
  place = await makeFolderInMemory();
});
afterEach(async () => {
  failing.times = 0;
  await place.remove();
});

const fail = (name: string, code: string, times: number) => Object.assign(failing, { name, code, times });
const inPlace = (name: string) => join(place.folder, name);

describe('the files of Windows', () => {
  const windows = filesOf(true);

  it('waits while another process holds a file, or the name of a removed one', async () => {
    for (const code of ['EPERM', 'EACCES', 'EBUSY']) {
      writeFileSync(inPlace('from'), code);
      writeFileSync(inPlace('to'), 'old');
      fail('rename', code, 3);
      await windows.rename(inPlace('from'), inPlace('to'));
      expect(readFileSync(inPlace('to'), 'utf8')).toBe(code);
      fail('stat', code, 3);
      expect((await windows.status(inPlace('to')))?.size).toBe(code.length);
      fail('unlink', code, 3);
      await windows.remove(inPlace('to'));
      fail('open', code, 3);
      await (await windows.open(inPlace('new'), 'append')).close();
      fail('open', code, 3);
      expect(await windows.claim(inPlace('lock'), 'mine')).toBe(true);
      fail('readlink', code, 3);
      expect(await windows.claimedBy(inPlace('lock'))).toBe('mine');
      expect(await windows.claim(inPlace('lock'), 'not mine')).toBe(false);
      await windows.remove(inPlace('lock'));
    }
  });

  it('gives up finally, and at once when waiting is useless', async () => {
    fail('rename', 'EPERM', 100);
    await expect(windows.rename(inPlace('from'), inPlace('to'))).rejects.toMatchObject({ code: 'EPERM' });
    expect(failing.times).toBeGreaterThan(80);
    fail('rename', 'ENOSPC', 100);
    await expect(windows.rename(inPlace('from'), inPlace('to'))).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(failing.times).toBe(99);
  });
});

describe('a lock', () => {
  it('is a link where links exist, otherwise a plain file', async () => {
    const others = filesOf(false);
    expect(await others.claim(inPlace('link'), 'mine')).toBe(true);
    expect(lstatSync(inPlace('link')).isSymbolicLink()).toBe(true);
    fail('symlink', 'EPERM', 2);
    expect(await others.claim(inPlace('plain'), 'mine')).toBe(true);
    expect(await others.claim(inPlace('plain'), 'not mine')).toBe(false);
    expect(lstatSync(inPlace('plain')).isFile()).toBe(true);
    for (const name of ['link', 'plain']) expect(await others.claimedBy(inPlace(name))).toBe('mine');
    expect(await others.claimedBy(inPlace('nobody'))).toBeNull();
  });

  it('is not taken when its owner cannot be written into it', async () => {
    fail('writeFile', 'ENOSPC', 1);
    await expect(filesOf(true).claim(inPlace('plain'), 'mine')).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(existsSync(inPlace('plain'))).toBe(false);
  });
});

describe('a name that cannot be taken', () => {
  it('is reported by its path, not by the note', async () => {
    fail('symlink', 'EIO', 1);
    const taken = filesOf(false).claim(inPlace('lock'), 'token and owner');
    await expect(taken).rejects.toMatchObject({ code: 'EIO', path: inPlace('lock') });
    fail('symlink', 'EIO', 1);
    await expect(filesOf(false).claim(inPlace('lock'), 'token and owner')).rejects.not.toThrow(/token/);
  });
});
