import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBuiltinAnalyser } from '../../../../src/analysis/builtin/builtin-analyser.js';
import { createThreadedAnalyser } from '../../../../src/analysis/builtin/threaded-analyser.js';
import type { Page } from '../../../../src/model/page.js';
import type { BatchInput, SegmentInput } from '../../../../src/ports/analyser.js';
import { makeFolder } from '../../../support/folders.js';
import { makeHead, makePage } from '../../../support/records.js';

const built = new URL('../../../../dist/analysis/builtin/thread.js', import.meta.url);

const said = [
  'My sister Anna lives in Porto.',
  'I love baking sourdough bread at home.',
  'My cat is called Tiger.',
];

function pagesOf(texts: readonly string[]): [Page, ...Page[]] {
  const [first, ...others] = texts.map((text) =>
    makePage(text, { user_input: text, agent_response: 'Noted.' }),
  );
  if (first === undefined) throw new Error('no pages');
  return [first, ...others];
}

const batch = (texts = said): BatchInput => ({ pages: pagesOf(texts), previous: null, candidates: [] });
const segment = (texts = said): SegmentInput => ({
  head: makeHead('home'),
  pages: pagesOf(texts),
  profile: [],
  relatedFacts: [],
});

/** The entry of a thread, from JavaScript as a string. */
const entryOf = (code: string) =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`import { parentPort } from 'node:worker_threads'; ${code}`)}`,
  );

describe('the analyser in a thread', () => {
  it('returns the same as the analyser without a thread', async () => {
    const plain = createBuiltinAnalyser();
    const threaded = createThreadedAnalyser({ entry: built });
    expect(threaded.name).toBe(plain.name);
    const [some, hot] = [batch(), segment()];
    expect(await threaded.analyseBatch(some)).toEqual(await plain.analyseBatch(some));
    const found = await threaded.analyseSegment(hot);
    expect(found).toEqual(await plain.analyseSegment(hot));
    const told = { pages: some.pages, before: [], relatedFacts: [] };
    const read = await threaded.readPages(told);
    expect(read).toEqual(await plain.readPages(told));
    expect(read.facts.length).toBeGreaterThan(0);
  });

  it('does not block the other threads of the process', async () => {
    const { folder, remove } = await makeFolder();
    const released = join(folder, 'released');
    const threaded = createThreadedAnalyser({
      entry: entryOf(`import { existsSync } from 'node:fs';
        parentPort.on('message', () => {
          while (!existsSync(${JSON.stringify(released)}));
          parentPort.postMessage({ result: { analysed_by: 'a long one' } });
        });`),
    });
    const done = threaded.analyseBatch(batch());
    await new Promise((resolve) => setTimeout(resolve, 20));
    // Only a process that the thread does not block can let the thread continue.
    writeFileSync(released, '');
    expect((await done).analysed_by).toBe('a long one');
    await remove();
  });

  it.runIf(process.platform === 'linux')('has a lower priority than calls', async () => {
    const niceThreads = () =>
      readdirSync('/proc/self/task').filter((id) => {
        try {
          const fields = readFileSync(`/proc/self/task/${id}/stat`, 'utf8').split(') ')[1]?.split(' ');
          return Number(fields?.[16]) > 0;
        } catch {
          return false;
        }
      }).length;
    const before = niceThreads();
    await createThreadedAnalyser({ entry: built }).analyseBatch(batch());
    expect(niceThreads()).toBe(before + 1);
  });

  it('answers a cancelled job at once, and skips one that was cancelled while waiting', async () => {
    const threaded = createThreadedAnalyser({
      entry: entryOf(`parentPort.on('message', (job) => {
        if (job.input.pages[0].user_input === 'first') return;
        parentPort.postMessage({ result: { analysed_by: job.input.pages[0].user_input } });
      });`),
    });
    const [first, second] = [new AbortController(), new AbortController()];
    const cut = threaded.analyseBatch(batch(['first']), first.signal);
    const waiting = threaded.analyseBatch(batch(['second']), second.signal);
    second.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
    first.abort();
    await expect(cut).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('starts another thread after one has died, and fails the job it had', async () => {
    const threaded = createThreadedAnalyser({
      entry: entryOf(`parentPort.on('message', (job) => {
        const text = job.input.pages[0].user_input;
        if (text === 'die') process.exit(3);
        if (text === 'throw') throw new Error('out of thread');
        parentPort.postMessage({ result: { analysed_by: text } });
      });`),
    });
    for (const text of ['die', 'throw']) {
      await expect(threaded.analyseBatch(batch([text]))).rejects.toMatchObject({ code: 'MODEL_UNAVAILABLE' });
      expect((await threaded.analyseBatch(batch(['live']))).analysed_by).toBe('live');
    }
  });

  it('aborts a job that never ends', async () => {
    const threaded = createThreadedAnalyser({
      entry: entryOf(`parentPort.on('message', () => { for (;;); });`),
      jobMaxMs: 50,
    });
    await expect(threaded.analyseBatch(batch(['for ever']))).rejects.toMatchObject({
      code: 'MODEL_UNAVAILABLE',
    });
  });

  it('passes on the code of an error', async () => {
    const threaded = createThreadedAnalyser({
      entry: entryOf(`parentPort.on('message', () =>
        parentPort.postMessage({ failed: { code: 'MODEL_CONTENT', message: 'not this one' } }));`),
    });
    await expect(threaded.analyseSegment(segment())).rejects.toMatchObject({
      code: 'MODEL_CONTENT',
      message: 'not this one',
    });
  });
});
