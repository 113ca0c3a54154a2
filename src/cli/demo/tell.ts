import type { PageId } from '../../model/ids.js';
import { bar, excerpt, styled } from '../terminal.js';
import type { DemoServer } from './demo-server.js';
import type { Story } from './story.js';

const out = process.stdout;

/**
 * Tells the story page by page, and shows which pages leave short-term memory for which segment. Retrieves at
 * the beginning of every session, as an agent would. Returns the ids in order.
 */
export async function tell(server: DemoServer, story: Story, brief: boolean): Promise<PageId[]> {
  const ids: PageId[] = [];
  const segmentOf = new Map<PageId, string>();
  let day = '';
  for (const [i, page] of story.pages.entries()) {
    const today = page.timestamp.slice(0, 10);
    if (today !== day) {
      clearProgress();
      if (!brief && ids.length > 0) await showMoves(server, segmentOf);
      day = today;
      if (!brief) out.write(`\n${styled(out, 'bold', weekday(day))}\n`);
    }
    if (beginsSitting(story, i)) {
      await server.settled();
      await server.retrieve(page.user_input || page.agent_response);
    }
    const { page_id, short_term_count } = await server.add(page);
    ids.push(page_id);
    if (!brief) showPage(i, page.user_input, short_term_count);
    progress(i + 1, story.pages.length, brief);
  }
  clearProgress();
  await server.settled('visits');
  if (brief) out.write(`${story.pages.length} pages told.\n`);
  else await showMoves(server, segmentOf);
  return ids;
}

const sittingGapMs = 3_600_000;

/**
 * Whether a new session begins. Agents retrieve then, and the memory has finished its work during the pause.
 */
function beginsSitting({ pages }: Story, index: number): boolean {
  const [before, page] = [pages[index - 1], pages[index]];
  if (before === undefined || page === undefined) return false;
  return Date.parse(page.timestamp) - Date.parse(before.timestamp) > sittingGapMs;
}

function showPage(index: number, text: string, shortTermCount: number): void {
  clearProgress();
  const number = String(index + 1).padStart(3);
  out.write(
    `${styled(out, 'dim', number)}  ${excerpt(text, 84).padEnd(84)}  ${styled(out, 'dim', `STM ${shortTermCount}`)}\n`,
  );
}

/** Shows what has moved to mid-term memory since the last call, by segment. */
async function showMoves(server: DemoServer, segmentOf: Map<PageId, string>): Promise<void> {
  await server.settled();
  for (const summary of await server.segments()) {
    const { page_list, theme } = await server.segment(summary.segment_id);
    const moved = page_list.filter((page) => segmentOf.get(page.id) !== summary.segment_id);
    if (moved.length === 0) continue;
    const isNew = moved.length === page_list.length;
    for (const page of moved) segmentOf.set(page.id, summary.segment_id);
    const pages = `${moved.length} page${moved.length === 1 ? '' : 's'}`;
    const arrow = styled(out, 'cyan', isNew ? '  → new segment' : '  → joins segment');
    out.write(
      `${arrow} ${styled(out, 'green', excerpt(theme, 50))} (${pages}, heat ${summary.heat.toFixed(1)})\n`,
    );
  }
}

function progress(done: number, total: number, brief: boolean): void {
  if (!out.isTTY) {
    if (brief && done % 50 === 0) out.write(`${done} of ${total} pages\n`);
    return;
  }
  out.write(`\r${bar(done / total, 40)} ${done} of ${total} pages`);
}

function clearProgress(): void {
  if (out.isTTY) out.write('\r\u001b[K');
}

function weekday(date: string): string {
  return new Date(`${date}T00:00:00Z`).toLocaleDateString('en-GB', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
}
