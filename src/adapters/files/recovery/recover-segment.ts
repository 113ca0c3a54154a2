import { applyOperation } from '../../../model/apply-operation.js';
import type { SegmentId } from '../../../model/ids.js';
import type { Operation } from '../../../model/operation.js';
import type { Page } from '../../../model/page.js';
import { type SegmentHead, segmentHeadSchema, segmentOf } from '../../../model/segment.js';
import { emptyState, hasPage, type UserState } from '../../../model/user-state.js';
import type { StoreContext } from '../context.js';
import { type SegmentFile, segmentFileSchema } from '../copies/copies.js';
import { DamagedFile } from '../copies/json-file.js';
import { readSegment } from '../copies/segment-files.js';
import { parseSegmentName, type Version } from '../layout.js';
import { listNumbers, readEpoch, readStretch, startOf } from '../log/journal-files.js';
import { type Header, schemaVersion } from '../log/journal-format.js';
import { setAside } from './set-aside.js';

type Entry = Header['segments'][number];

/**
 * Reassembles a segment whose file is missing or damaged, from the damaged file's content, an older version
 * and the closed logs. Reports what was found and what was lost.
 */
export async function recoverSegment(
  context: StoreContext,
  entry: Entry,
  header: Header,
  damage: DamagedFile | null,
): Promise<SegmentFile> {
  const { layout } = context;
  const where = `${layout.shown}/mid_term/${entry.id}/segment.${entry.epoch}-${entry.seq}.json`;
  const aside = damage === null ? '' : ` ${await setAside(context, layout.segment(entry.id, entry))}.`;
  const problem = damage === null ? 'is missing' : damage.message;
  const own = segmentFileSchema.safeParse(damage?.value);
  if (own.success && own.data.head.id === entry.id && own.data.pages.length === entry.pages) {
    context.notice(
      'warning',
      `${where} ${problem}. Its ${entry.pages} pages were readable and are kept.${aside}`,
    );
    return own.data;
  }
  const found = await fromFormer(context, entry, header);
  const lost = Math.max(0, entry.pages - found.pages.length);
  context.notice(
    lost === 0 ? 'warning' : 'error',
    lost === 0
      ? `${where} ${problem}. All of its ${entry.pages} pages were recovered from older files.${aside}`
      : `${where} ${problem}. ${lost} of its ${entry.pages} pages are lost; restore a backup to get them back.${aside}`,
  );
  const { epoch, seq } = entry;
  return { schema_version: schemaVersion, epoch, seq, head: found.head, pages: found.pages };
}

/** The newest intact version of a segment's file. */
export async function newestIntact(context: StoreContext, id: SegmentId): Promise<SegmentFile | null> {
  const versions = (await context.files.list(context.layout.segmentFolder(id)))
    .map(parseSegmentName)
    .filter((version) => version !== null)
    .sort((a, b) => b.epoch - a.epoch || b.seq - a.seq);
  for (const version of versions) {
    const file = await intact(context, id, version);
    if (file !== null) return file;
  }
  return null;
}

async function intact(context: StoreContext, id: SegmentId, version: Version): Promise<SegmentFile | null> {
  try {
    return await readSegment(context, id, version);
  } catch (error) {
    if (error instanceof DamagedFile) return null;
    throw error;
  }
}

/** An older file, brought forward with the operations of the closed logs. */
async function fromFormer(
  context: StoreContext,
  entry: Entry,
  header: Header,
): Promise<{ head: SegmentHead; pages: Page[] }> {
  const former = await newestIntact(context, entry.id);
  const state = emptyState();
  if (former !== null) placeFile(state, former);
  const numbers = await listNumbers(context.files, context.layout);
  for (const number of numbers.filter((candidate) => candidate < header.epoch)) {
    const epoch = await readEpoch(context.files, context.layout, number);
    if (epoch === null || epoch === 'damaged') continue;
    for (const page of epoch.header.short_term) offer(state, page);
    const stretch = await readStretch(context.files, context.layout, startOf(epoch));
    for (const record of stretch?.records ?? []) {
      if (record.seq > header.seq) break;
      for (const operation of record.operations) {
        applyWhereAbout(state, operation, entry.id, record.seq > (former?.seq ?? 0));
      }
    }
  }
  const segment = state.segments.get(entry.id);
  return { head: segment?.head ?? unknownHead(entry), pages: segment?.pages ?? [] };
}

function placeFile(state: UserState, file: SegmentFile): void {
  state.segments.set(file.head.id, segmentOf(file.head, [...file.pages]));
  for (const page of file.pages) state.segmentOfPage.set(page.id, file.head.id);
}

function offer(state: UserState, page: Page): void {
  if (!hasPage(state, page.id)) applyOperation(state, { op: 'page_added', page, segment_id: null });
}

/**
 * Pages pass through short-term memory, so its operations apply. Of the others, only those about the segment
 * do.
 */
function applyWhereAbout(state: UserState, operation: Operation, id: SegmentId, isNew: boolean): void {
  if (operation.op === 'page_added' && operation.segment_id === null) offer(state, operation.page);
  if (operation.op === 'pages_read') {
    const page_ids = operation.page_ids.filter((pageId) => hasPage(state, pageId));
    applyOperation(state, { op: 'pages_read', page_ids });
    return;
  }
  const about =
    ('segment_id' in operation && operation.segment_id === id) ||
    (operation.op === 'segment_put' && operation.head.id === id) ||
    ('page_id' in operation && state.segmentOfPage.get(operation.page_id) === id);
  if (!about || !isNew) return;
  try {
    applyOperation(state, operation);
  } catch {
    // A part is missing. The remaining pages are counted at the end.
  }
}

function unknownHead({ id, n_visit, last_visit_at }: Entry): SegmentHead {
  return segmentHeadSchema.parse({
    id,
    theme: 'recovered',
    summary: 'recovered',
    keywords: [],
    created_at: last_visit_at,
    updated_at: last_visit_at,
    n_visit,
    last_visit_at,
    analysed_by: 'builtin',
  });
}
