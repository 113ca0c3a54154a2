import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostileTexts } from '../../bench/stalls/texts.js';
import { RawServer } from './cli-process.js';

const texts = hostileTexts(1024 * 1024);
/** Three texts that stand for all kinds: no spaces, one very long word, and no words. */
const few = ['chinese', 'one letter', 'punctuation'];

export const fewHostileTexts = few;
export const otherHostileTexts = Object.keys(texts).filter((name) => !few.includes(name));

async function call(server: RawServer, id: number, name: string, args: object) {
  server.send({ id, method: 'tools/call', params: { name, arguments: args } });
  return server.answerTo(id);
}

/** For each text, stops a server while it reads the text, and checks that the next server finds the text. */
export function describeHostileTexts(names: readonly string[]): void {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'memoryos-hostile-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const start = () => new RawServer(['--data', path.join(folder, 'data'), '--log-level', 'error']);

  describe('a text of a megabyte', () => {
    it.each(names)(
      'is stored, found and read after a restart, while others are answered: %s',
      async (name) => {
        const text = texts[name] ?? '';
        const first = start();
        await first.initialize();
        const added = call(first, 1, 'add_memory', { user_input: text, agent_response: 'I see.' });
        first.send({ id: 2, method: 'ping' });
        expect(await first.answerTo(2)).toMatchObject({ result: {} });
        expect(await added).toMatchObject({ result: { structuredContent: { status: 'success' } } });
        first.child.kill('SIGTERM');
        expect((await first.ended).code).toBe(0);

        const second = start();
        await second.initialize();
        const query = text.slice(0, 1000);
        const found = await call(second, 1, 'retrieve_memory', { query });
        expect(found).toMatchObject({ result: { structuredContent: { status: 'success' } } });
        second.child.stdin.end();
        expect((await second.ended).code).toBe(0);
      },
    );
  });
}
