import { setMaxListeners } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MemoryError } from '../../model/errors.js';
import { styled } from '../terminal.js';
import { ask } from './ask.js';
import { checkPages } from './check-pages.js';
import { type DemoServer, startDemoServer } from './demo-server.js';
import { heading, showProfile, showSegments, showTiers } from './show.js';
import type { Story } from './story.js';
import { tell } from './tell.js';

const out = process.stdout;
const userId = 'demo';

export interface DemoOptions {
  /** The data folder; undefined: a temporary folder that is removed afterwards. */
  readonly dataDir: string | undefined;
  /** True: shows only a progress bar, and does not require every question to be answered. */
  readonly brief: boolean;
}

/**
 * Sends a conversation to a server and shows the result. True when all tiers have content, every page is stored exactly
 * once and (unless brief) every question found its page. Ctrl-C ends it with CANCELLED, after stopping the
 * server and removing a temporary folder.
 */
export async function runDemo(story: Story, { dataDir, brief }: DemoOptions): Promise<boolean> {
  if (dataDir !== undefined) await refuseFilled(dataDir);
  const folder = dataDir ?? (await mkdtemp(path.join(tmpdir(), 'memoryos-demo-')));
  const interruption = new AbortController();
  // The client adds a listener for every request and does not remove it.
  setMaxListeners(0, interruption.signal);
  const interrupt = (): void => interruption.abort();
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    out.write(`${styled(out, 'bold', story.title)}\n${story.pages.length} exchanges, data in ${folder}\n`);
    return await stages(story, folder, brief, interruption.signal);
  } catch (cause) {
    if (!interruption.signal.aborted) throw cause;
    throw new MemoryError('CANCELLED', 'The demo was stopped; start it again with "memoryos-mcp demo".', {
      cause,
    });
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    if (dataDir === undefined) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function stages(story: Story, folder: string, brief: boolean, signal: AbortSignal): Promise<boolean> {
  const { ids, found, stats } = await withServer(folder, signal, async (server) => {
    const told = await tell(server, story, brief);
    const pageOf = new Map(told.map((id, i) => [String(id), story.pages[i]]));
    showSegments(await server.segments());
    const answered = await ask(server, story, told);
    await server.settled('visits');
    heading('After the questions, which count as visits:');
    showSegments(await server.segments());
    showProfile(await server.profile(), (id) => pageOf.get(id));
    return { ids: told, found: answered, stats: await server.stats() };
  });
  showTiers(stats);
  const { told, stored, problems } = await withServer(folder, signal, (server) =>
    checkPages(server, story, ids),
  );
  heading('What a second server finds on the disk');
  for (const problem of problems) out.write(`${styled(out, 'red', '✘')} ${problem}\n`);
  const { short_term, mid_term, long_term } = stats;
  // A story supplied by the user may contain no trait.
  const isProfiled = long_term.user_facts > 0 && (brief || long_term.traits > 0);
  const filled = short_term.pages > 0 && mid_term.pages > 0 && isProfiled;
  verdict(problems.length === 0, `${stored} of ${told} pages are stored, each exactly once`);
  verdict(filled, 'all three tiers are filled');
  const answers = `${found} of ${story.questions.length} questions found their page`;
  if (brief) out.write(`  ${answers}\n`);
  else verdict(found === story.questions.length, answers);
  return problems.length === 0 && filled && (brief || found === story.questions.length);
}

async function withServer<T>(
  folder: string,
  signal: AbortSignal,
  run: (server: DemoServer) => Promise<T>,
): Promise<T> {
  const server = await startDemoServer(folder, userId, signal);
  try {
    return await run(server);
  } finally {
    await server.close();
  }
}

function verdict(holds: boolean, what: string): void {
  out.write(`${holds ? styled(out, 'green', '✔') : styled(out, 'red', '✘')} ${what}\n`);
}

async function refuseFilled(dataDir: string): Promise<void> {
  let entries: string[] = [];
  try {
    entries = await readdir(path.join(dataDir, 'users', userId));
  } catch {
    return;
  }
  if (entries.length === 0) return;
  throw new MemoryError(
    'INPUT_INVALID',
    `${dataDir} already holds a memory of the user "${userId}". Give the demo a folder of its own with --data.`,
  );
}
