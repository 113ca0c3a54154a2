import { readRange } from '../../../lib/io/file-access.js';
import type { Operation } from '../../../model/operation.js';
import type { StoreContext } from '../context.js';
import { withJournal } from '../log/journal-files.js';
import { decodeRecord } from '../log/journal-format.js';
import type { Replica } from '../replica.js';

/**
 * Applies the readable records of a log from `offset`, operation by operation, and reports what was lost.
 * Returns the end of the log.
 */
export async function salvage(
  context: StoreContext,
  replica: Replica,
  epoch: number,
  offset: number,
): Promise<{ end: number }> {
  const data = await withJournal(context.files, context.layout, epoch, async (file) =>
    readRange(file, offset, (await file.size()) - offset),
  );
  const lost = { lines: 0, transactions: 0, operations: 0 };
  let start = 0;
  let { seq } = replica.position;
  for (let feed = data?.indexOf(10) ?? -1; data !== null && feed !== -1; feed = data.indexOf(10, start)) {
    const record = await decodeRecord(data.subarray(start, feed));
    start = feed + 1;
    if (record === null) {
      lost.lines += 1;
      continue;
    }
    // A number that was already used belongs to another history and was never acknowledged.
    if (record.seq <= seq) continue;
    lost.transactions += record.seq - seq - 1;
    seq = record.seq;
    for (const operation of record.operations) if (!fits(replica, operation)) lost.operations += 1;
  }
  replica.position = { ...replica.position, seq };
  if (lost.lines + lost.transactions + lost.operations > 0) {
    context.notice(
      'error',
      `${context.layout.shown}/journal.${epoch}.jsonl is damaged: ${lost.lines} lines cannot be read, ${lost.transactions} transactions are missing, ${lost.operations} later changes could not be applied. All others were applied; the file is kept with ".corrupt-" and the time in its name. If a page is missing, restore a backup.`,
    );
  } else {
    context.notice(
      'warning',
      `${context.layout.shown}/journal.${epoch}.jsonl has a line that does not continue the line before. All of its content was readable and was applied; the file is kept with ".corrupt-" and the time in its name.`,
    );
  }
  return { end: offset + start };
}

function fits(replica: Replica, operation: Operation): boolean {
  try {
    replica.apply([operation]);
    return true;
  } catch {
    return false;
  }
}
