import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { residentMb } from '../processes.js';

export interface ImportFigures {
  readonly megabytes: number;
  readonly pages: number;
  readonly seconds: number;
  readonly pagesPerSecond: number;
  readonly peakMb: number;
  /** Peak of a dry run, which only counts the exchanges. */
  readonly dryRunPeakMb: number;
  readonly againSeconds: number;
}

const messagesPerConversation = 40;
const filler =
  'The quick answer is that the cache was stale and the worker had to be started again after the deploy. ';

/** Imports a ChatGPT export of about this size, twice. */
export async function importSpeed(megabytes: number): Promise<ImportFigures> {
  const folder = await mkdtemp(path.join(tmpdir(), 'import-'));
  try {
    const file = path.join(folder, 'conversations.json');
    await writeExport(file, megabytes * 1024 * 1024);
    const dry = await run(file, path.join(folder, 'none'), '--dry-run');
    const first = await run(file, path.join(folder, 'data'));
    const again = await run(file, path.join(folder, 'data'));
    return {
      megabytes: Math.round((await stat(file)).size / 1024 / 1024),
      pages: first.pages,
      seconds: first.seconds,
      pagesPerSecond: Math.round(first.pages / first.seconds),
      peakMb: Math.round(first.peakMb),
      dryRunPeakMb: Math.round(dry.peakMb),
      againSeconds: again.seconds,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeExport(file: string, bytes: number): Promise<void> {
  const out = createWriteStream(file);
  let written = 1;
  out.write('[');
  for (let conversation = 0; written < bytes; conversation += 1) {
    const mapping: Record<string, object> = {};
    for (let i = 0; i < messagesPerConversation; i += 1) {
      const id = `c${conversation}m${i}`;
      const role = i % 2 === 0 ? 'user' : 'assistant';
      mapping[id] = {
        id,
        parent: i === 0 ? null : `c${conversation}m${i - 1}`,
        children: i + 1 < messagesPerConversation ? [`c${conversation}m${i + 1}`] : [],
        message: {
          id,
          author: { role },
          create_time: 1.7e9 + conversation * 3600 + i * 30,
          content: {
            content_type: 'text',
            parts: [`${role} ${conversation}-${i}: ${filler.repeat(role === 'user' ? 2 : 30)}`],
          },
          recipient: 'all',
        },
      };
    }
    const current_node = `c${conversation}m${messagesPerConversation - 1}`;
    const text = JSON.stringify({
      title: `Conversation ${conversation}`,
      create_time: 1.7e9,
      mapping,
      current_node,
      conversation_id: `c${conversation}`,
    });
    written += text.length + 1;
    if (!out.write(conversation === 0 ? text : `,${text}`)) await once(out, 'drain');
  }
  out.end(']');
  await once(out, 'finish');
}

async function run(
  file: string,
  data: string,
  ...more: string[]
): Promise<{ pages: number; seconds: number; peakMb: number }> {
  const begun = performance.now();
  const child = spawn(
    process.execPath,
    [path.resolve('dist/cli/main.js'), 'import', file, '--data', data, '--user', 'alice', '--json', ...more],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  let peakMb = 0;
  const watching = setInterval(() => {
    peakMb = Math.max(peakMb, residentMb(child.pid) ?? 0);
  }, 100);
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString('utf8');
  });
  const [code] = await once(child, 'close');
  clearInterval(watching);
  if (code !== 0) throw new Error(`the import ended with ${code}`);
  const { imported } = JSON.parse(printed);
  return { pages: imported.pages, seconds: (performance.now() - begun) / 1000, peakMb };
}
