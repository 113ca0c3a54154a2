import { expect, it } from 'vitest';
import { createPause } from '../../../../src/engine/worker/pause.js';
import { MemoryError } from '../../../../src/model/errors.js';
import { EmbedderHealth } from '../../../../src/retrieval/index/embedder-health.js';

function setUp() {
  const reports: string[] = [];
  /** The answer of the next check. */
  const file = { changed: false };
  let count = 0;
  const changes = {
    get count() {
      return count;
    },
    check() {
      if (file.changed) count += 1;
      file.changed = false;
    },
  };
  const report = (_: string, message: string) => void reports.push(message);
  return { pause: createPause(report, changes), changes, report, reports, file };
}

it('warns once, and ends with a change of the configuration', () => {
  const { pause, reports, file } = setUp();
  expect([pause.held(), pause.reason()]).toEqual(['nothing', null]);
  const { mark } = pause;
  pause.begin('model', 'The key is wrong.', mark);
  pause.begin('model', 'The key is wrong.', mark);
  expect([pause.held(), pause.reason()]).toEqual(['model', 'The key is wrong.']);
  expect(reports).toHaveLength(1);
  file.changed = true;
  expect(pause.held()).toBe('nothing');
  pause.begin('model', 'The key is still wrong.', pause.mark);
  expect(pause.reason()).toBe('The key is still wrong.');
  expect(reports).toHaveLength(2);
});

it('holds all jobs when the embedder is also rejected, and keeps holding them', () => {
  const { pause, reports } = setUp();
  pause.begin('model', 'The key is wrong.', pause.mark);
  pause.begin('all', 'The other key is wrong.', pause.mark);
  pause.begin('model', 'The key is wrong.', pause.mark);
  expect(pause.held()).toBe('all');
  expect(reports).toHaveLength(2);
});

it('does not begin for a request made before the configuration changed', () => {
  const { pause, reports, file, changes } = setUp();
  const { mark } = pause;
  file.changed = true;
  changes.check();
  pause.begin('model', 'The key is wrong.', mark);
  expect(pause.held()).toBe('nothing');
  expect(reports).toEqual([]);
});

it('works the same with the embedder of the search', () => {
  const { changes, report, file } = setUp();
  const health = new EmbedderHealth({ clock: { now: () => 0 }, report, modelChanges: changes });
  const rejected = new MemoryError('MODEL_REJECTED', 'The key is wrong.');
  const { mark } = health;
  health.failed(rejected, mark);
  expect(health.resting).toBe(true);
  file.changed = true;
  expect(health.resting).toBe(false);
  health.failed(rejected, mark);
  expect(health.resting).toBe(false);
  health.failed(rejected, health.mark);
  expect(health.resting).toBe(true);
  health.succeeded();
  expect(health.resting).toBe(false);
});
