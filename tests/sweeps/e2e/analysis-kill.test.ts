import { spawn } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { startFakeOpenAi } from '../../support/fake-openai/server.js';
import { makeFolder } from '../../support/folders.js';
import {
  doubled,
  isSettled,
  openMemory,
  storedPages,
  toldExchanges,
  until,
  untruths,
} from '../../support/watched-memory.js';

const program = path.resolve('tests/support/doomed-memory/main.ts');

/** What the process had acknowledged when it was killed. */
async function runDoomed(dataDir: string, baseUrl: string, moment: string) {
  const child = spawn(process.execPath, ['--import', 'tsx', program, dataDir, baseUrl, moment], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let errors = '';
  child.stdout.on('data', (piece: Buffer) => {
    out += piece.toString('utf8');
  });
  child.stderr.on('data', (piece: Buffer) => {
    errors += piece.toString('utf8');
  });
  const signal = await new Promise<string | null>((resolve) => child.once('close', (_, by) => resolve(by)));
  return { acknowledged: out.split('\n').filter((line) => line !== ''), signal, errors };
}

/** Starting a process from TypeScript takes long on a busy machine. */
describe.concurrent('kill -9 while a model analyses', { timeout: 120_000 }, () => {
  it.for([
    'answered:1',
    'answered:3',
    ...['page_migrated', 'pages_analysed'].flatMap((operation) =>
      ['before-write', 'half-written', 'written', 'synced'].map((when) => `${when}:${operation}`),
    ),
  ])(
    '%s: every acknowledged page once, nothing false, and the analysis continues',
    async (moment, context) => {
      const { folder, remove } = await makeFolder();
      const fake = await startFakeOpenAi();
      context.onTestFinished(async () => {
        await fake.stop();
        await remove();
      });
      const { acknowledged, signal, errors } = await runDoomed(folder, fake.baseUrl, moment);
      expect({ signal, errors }).toEqual({ signal: 'SIGKILL', errors: '' });

      const times = { takeOverAfterMs: 300, leaseTakeOverAfterMs: 600 };
      const memory = await openMemory(folder, { fake, settings: { heatMin: 1 }, times });
      context.onTestFinished(() => memory.engine.close());
      const { state } = memory.store;
      const stored = storedPages(state);
      expect(new Set(stored).size).toBe(stored.length);
      expect(stored).toEqual(expect.arrayContaining(acknowledged));
      expect(stored.length - acknowledged.length, 'one add may have been on its way').toBeLessThanOrEqual(1);
      expect(untruths(state)).toEqual([]);
      expect(doubled(state)).toEqual([]);

      for (const [userInput, agentResponse] of toldExchanges)
        if (!stored.includes(userInput)) await memory.engine.add({ userInput, agentResponse });
      await until('the analysis is complete', () => isSettled(memory), 60_000);
      expect(storedPages(state)).toEqual(toldExchanges.map(([user]) => user).sort());
      expect(untruths(state)).toEqual([]);
      expect(doubled(state)).toEqual([]);
      const pages = [...state.segments.values()].flatMap((segment) => segment.pages);
      expect(pages.filter((page) => !page.analysed)).toEqual([]);
      expect(state.userKnowledge.map((fact) => fact.quote)).toContain('I play the violin every morning.');
      const traits = [...state.profile.values()];
      expect(traits.map((trait) => trait.dimension)).toContain('Music Interest');
      expect(new Set(traits.map((trait) => trait.analysed_by))).toEqual(new Set(['fake-model']));
      expect(fake.unexpected).toEqual([]);
    },
  );
});
