import { dialogue } from '../../bench/http/dialogue.js';
import { createFileStore } from '../../src/adapters/files/file-store.js';
import { newSegmentId, toUserId } from '../../src/model/ids.js';
import type { Operation } from '../../src/model/operation.js';
import { makeHead, makePage } from './records.js';

const pagesPerSegment = 50;
const minuteMs = 60_000;

/** Writes the memory as migration would leave it: everything in segments, analysed and read. */
export async function fillLargeMemory(folder: string, user: string, pagesTotal: number): Promise<void> {
  const store = await createFileStore({ dataDir: folder }).open(toUserId(user));
  const next = dialogue(7);
  const startMs = Date.now() - pagesTotal * 10 * minuteMs;
  for (let first = 0; first < pagesTotal; first += pagesPerSegment) {
    const at = (i: number) => new Date(startMs + i * 10 * minuteMs).toISOString();
    const { said: theme } = next();
    const head = makeHead(theme.slice(0, 60), {
      id: newSegmentId(Date.now()),
      created_at: at(first),
      updated_at: at(first),
      last_visit_at: at(first),
    });
    const pages = Array.from({ length: Math.min(pagesPerSegment, pagesTotal - first) }, (_, i): Operation => {
      const { said, answered } = next();
      const page = makePage(said, {
        agent_response: answered,
        timestamp: at(first + i),
        analysed: true,
        read: true,
      });
      return { op: 'page_added', page, segment_id: head.id };
    });
    await store.transact(() => [{ op: 'segment_put', head }, ...pages]);
  }
  await store.close();
}
