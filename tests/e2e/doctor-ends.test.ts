import { afterEach, beforeEach, expect, it } from 'vitest';
import { createMemory } from '../../src/index.js';
import { runCli } from '../support/cli-process.js';
import { makeFolder } from '../support/folders.js';

let place: Awaited<ReturnType<typeof makeFolder>>;
beforeEach(async () => {
  place = await makeFolder();
});
afterEach(() => place.remove());

// Waiting for vectors on timers that let the process end, it ended with code 13 and without a word, every other time.
it('doctor waits for the vectors of all segments and says what it found', async () => {
  const memory = await createMemory({
    data_storage_path: place.folder,
    user_id: 'alice',
    short_term_capacity: 1,
  });
  const subjects = ['garden', 'violin', 'gearbox', 'sourdough', 'telescope', 'chess', 'Lisbon', 'pottery'];
  for (const subject of subjects) {
    await memory.add({ userInput: `The ${subject} and nothing else.`, agentResponse: '' });
    await memory.flush({ shortTerm: true });
  }
  await memory.close();
  const args = ['doctor', '--offline', '--data', place.folder, '--user', 'alice'];
  for (let run = 0; run < 4; run += 1) {
    const { code, stdout } = await runCli(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/0 missing/);
  }
}, 60_000);
