import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const sweeps = 'tests/sweeps/**/*.test.ts';
const browser = 'tests/browser/**/*.test.ts';
// Files that put something else in the place of a module need a module graph of their own.
const mocked = 'tests/**/*.mocked.test.ts';

export default defineConfig({
  test: {
    // Many tests wait for a process that they started; on two cores three files at a time keep both busy.
    maxWorkers: availableParallelism() + 1,
    testTimeout: 120_000,
    hookTimeout: 60_000,
    // A busy machine is slow, not wrong.
    expect: { poll: { timeout: 15_000 } },
    coverage: { provider: 'v8', include: ['src/**/*.ts'], reporter: ['text-summary', 'html'] },
    projects: [
      {
        extends: true,
        // Files share what a worker has loaded, which saves a fifth of the processor's time.
        test: {
          name: 'fast',
          isolate: false,
          include: ['tests/**/*.test.ts'],
          exclude: [sweeps, browser, mocked],
        },
      },
      { extends: true, test: { name: 'fast-mocked', include: [mocked] } },
      { extends: true, test: { name: 'browser', include: [browser] } },
      // Crash points, error points, long sleeps, random histories and requests, texts of every kind: minutes.
      { extends: true, test: { name: 'sweeps', include: [sweeps], testTimeout: 900_000 } },
    ],
  },
});
