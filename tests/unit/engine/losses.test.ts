import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { acceptUser } from '../../../src/app/check-memories.js';
import { configSchema } from '../../../src/app/config/config-keys.js';
import { createEngineFactory } from '../../../src/app/create-engine.js';
import { openReader } from '../../../src/app/open-reader.js';
import { toUserId } from '../../../src/model/ids.js';
import { makeFolderInMemory } from '../../support/folders.js';

let place: Awaited<ReturnType<typeof makeFolderInMemory>>;
beforeEach(async () => {
  place = await makeFolderInMemory();
});
afterEach(() => place.remove());

it('a loss is an error on stderr and a notice in every answer until a person accepts it', async () => {
  const config = { ...configSchema.parse({ user_id: 'alice' }), data_storage_path: place.folder };
  const told: string[] = [];
  const report = (level: string, message: string) => void (level === 'error' && told.push(message));
  const open = () => createEngineFactory(config, report).open();
  const first = await open();
  await first.add({ userInput: 'I live in Lisbon.', agentResponse: 'Lovely.' });
  await first.close();
  const user = join(place.folder, 'users', 'alice');
  for (const name of readdirSync(user)) if (name.startsWith('journal.')) writeFileSync(join(user, name), '');
  const lost = /^Data was lost: users\/alice: the commit log .*doctor --accept/;
  for (let opening = 1; opening <= 2; opening += 1) {
    const engine = await open();
    const answers = [
      await engine.add({ userInput: `Hello ${opening}.`, agentResponse: '' }),
      await engine.retrieve({ query: 'Lisbon' }),
      await engine.profile(),
      await engine.stats(),
    ];
    for (const { notices = [] } of answers) {
      expect(notices.filter((notice) => lost.test(notice))).toHaveLength(1);
      expect(notices.filter((notice) => /commit log/.test(notice))).toHaveLength(1);
    }
    expect(told.filter((message) => lost.test(message))).toHaveLength(opening);
    await engine.close();
    const reader = await openReader(config, report);
    const { notices } = await reader.stats();
    expect([await reader.losses(), notices.filter((notice) => /commit log/.test(notice))]).toEqual([
      [expect.stringMatching(lost)],
      [expect.stringMatching(lost)],
    ]);
    await reader.close();
  }
  await acceptUser(place.folder, toUserId('alice'));
  const again = await open();
  expect((await again.retrieve({ query: 'Lisbon' })).notices.filter((notice) => /lost/.test(notice))).toEqual(
    [],
  );
  expect((await again.add({ userInput: 'Bye.', agentResponse: '' })).notices).toBeUndefined();
  await again.close();
  expect(told).toHaveLength(2);
});
