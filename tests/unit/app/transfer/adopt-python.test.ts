import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileStore } from '../../../../src/adapters/files/file-store.js';
import { type HeldMemory, heldStore } from '../../../../src/adapters/held/held-memory.js';
import { adoptedFrom, adoptingPython } from '../../../../src/app/transfer/adopt-python.js';
import { Redactor } from '../../../../src/engine/redactor.js';
import { toAssistantId, toUserId } from '../../../../src/model/ids.js';
import type { MemoryStore, UserStore } from '../../../../src/ports/memory-store.js';
import type { Store } from '../../../../src/ports/store.js';
import { makeFolder } from '../../../support/folders.js';
import { added, makePage } from '../../../support/records.js';

const user = toUserId('jana_fan');
let folder: string;
let remove: () => Promise<void>;
let said: string[];
const stores: UserStore[] = [];

beforeEach(async () => {
  said = [];
  ({ folder, remove } = await makeFolder());
  cpSync('tests/support/python-memoryos', folder, { recursive: true });
});
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  await remove();
});

function memories(files: MemoryStore = createFileStore({ dataDir: folder })): Store<HeldMemory> {
  const reading = {
    assistantId: toAssistantId('default_assistant_profile'),
    zone: 'UTC',
    redactor: new Redactor(true),
  };
  return adoptingPython(heldStore(files), folder, reading, (_level, message) => void said.push(message));
}

async function open(from = memories()): Promise<UserStore> {
  const { held: store } = await from.open(user);
  stores.push(store);
  return store;
}

const countOf = ({ state }: UserStore) => state.shortTerm.length + state.segmentOfPage.size;

describe('a data folder of the Python server', () => {
  it('is imported when its memory is first opened, and the original is kept', async () => {
    const original = join('tests/support/python-memoryos', 'users', user);
    const store = await open();
    expect(countOf(store)).toBe(8);
    expect(store.state.userKnowledge).toHaveLength(2);
    expect(store.state.assistantKnowledge.size).toBe(1);
    expect(store.notices).toEqual([]);
    expect(said).toEqual([expect.stringMatching(/imported \(8 pages, 4 facts/)]);
    const aside = join(folder, 'python-memoryos', 'users', user);
    for (const name of readdirSync(original)) {
      expect(readFileSync(join(aside, name), 'utf8')).toBe(readFileSync(join(original, name), 'utf8'));
    }
    const report = JSON.parse(readFileSync(join(aside, 'imported.json'), 'utf8'));
    expect(report.notTaken).toHaveLength(6);
    expect(await adoptedFrom(folder, user)).toBe(join('python-memoryos', 'users', user));
  });

  it('is imported only once, whatever happens to the memory later', async () => {
    const store = await open();
    const [first] = store.state.shortTerm;
    await store.transact(() => (first === undefined ? [] : [{ op: 'page_forgotten', page_id: first.id }]));
    const again = await open();
    expect(countOf(again)).toBe(7);
    expect(said).toHaveLength(1);
  });

  it('is imported only once when several processes open it at the same time', async () => {
    const opened = await Promise.all(Array.from({ length: 8 }, () => open()));
    for (const store of opened) {
      await store.refresh();
      expect(countOf(store)).toBe(8);
    }
  });

  it('is imported completely after an interrupted import', async () => {
    const files = createFileStore({ dataDir: folder });
    const dying: MemoryStore = {
      ...files,
      async open(id) {
        const store = await files.open(id);
        const transact = () => Promise.reject(new Error('killed'));
        return Object.assign(store, { transact });
      },
    };
    await expect(open(memories(dying))).rejects.toThrow('killed');
    expect(existsSync(join(folder, 'users', user, 'mid_term.json'))).toBe(false);
    expect(countOf(await open())).toBe(8);
    expect(said).toHaveLength(1);
  });

  it('leaves memories of this program and of unknown users unchanged', async () => {
    const bob = toUserId('bob');
    const { held: store } = await memories().open(bob);
    await store.transact(() => [added(makePage('mine'))]);
    await store.close();
    const { held: again } = await memories().open(bob);
    expect(countOf(again)).toBe(1);
    await again.close();
    expect(existsSync(join(folder, 'python-memoryos'))).toBe(false);
    expect(await adoptedFrom(folder, bob)).toBeNull();
    expect(said).toEqual([]);
  });
});
