import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { runCli } from '../../support/cli-process.js';
import { makeFolder } from '../../support/folders.js';

/** Because of the dash, Node keeps the text with two bytes a character. */
const answer = `The cache was stale – `.repeat(700);
const conversations = 160;
const exchanges = 16;
const heapMb = 72;

const idOf = (conversation: number, message: number) => `c${conversation}m${message}`;

function conversationOf(conversation: number): string {
  const mapping = Object.fromEntries(
    Array.from({ length: 2 * exchanges }, (_, i) => {
      const role = i % 2 === 0 ? 'user' : 'assistant';
      const text = `${role} ${conversation}-${i}${i % 2 === 0 ? '' : ` ${answer}`}`;
      const message = {
        author: { role },
        create_time: 1.7e9 + conversation * 3600 + i,
        content: { content_type: 'text', parts: [text] },
      };
      return [idOf(conversation, i), { parent: i === 0 ? null : idOf(conversation, i - 1), message }];
    }),
  );
  return JSON.stringify({ conversation_id: `c${conversation}`, create_time: 1.7e9, mapping });
}

it('an import, and its repetition, need less memory than the texts', async () => {
  // In the process they would take more memory than it may have.
  expect((2 * answer.length * conversations * exchanges) / 1024 / 1024).toBeGreaterThan(heapMb);
  const { folder, remove } = await makeFolder();
  const file = path.join(folder, 'conversations.json');
  const out = createWriteStream(file);
  for (let i = 0; i < conversations; i += 1) {
    if (!out.write(`${i === 0 ? '[' : ','}${conversationOf(i)}`)) await once(out, 'drain');
  }
  await once(out.end(), 'finish');
  const config = path.join(folder, 'config.json');
  await appendFile(config, JSON.stringify({ redact_secrets: false, data_storage_path: 'data' }));
  const run = async (...more: string[]) => {
    const env = { NODE_OPTIONS: `--max-old-space-size=${heapMb}` };
    const { code, stdout, stderr } = await runCli(['import', file, '--config', config, '--json', ...more], {
      env,
    });
    expect(code, stderr.slice(0, 2_000)).toBe(0);
    const { imported, notes } = JSON.parse(stdout);
    return { pages: imported.pages, known: imported.known, notes };
  };
  const pages = conversations * exchanges;
  // The list is not closed, as in a file that is still being downloaded.
  const notes = ['1 skipped: the file ends too early'];
  expect(await run('--dry-run')).toEqual({ pages, known: 0, notes });
  expect(await run()).toEqual({ pages, known: 0, notes });
  await appendFile(file, ']');
  expect(await run()).toEqual({ pages: 0, known: pages, notes: [] });
  await remove();
});
