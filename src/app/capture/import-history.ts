import { stat } from 'node:fs/promises';
import path from 'node:path';
import { histories, historyAt } from '../../capture/histories/histories.js';
import type { History } from '../../capture/histories/history.js';
import type { Redactor } from '../../engine/redactor.js';
import type { ImportCounts } from '../../engine/transfer/import-batch.js';
import { importConversations } from '../../engine/transfer/import-conversations.js';
import { MemoryError } from '../../model/errors.js';
import type { AssistantId } from '../../model/ids.js';
import type { Page } from '../../model/page.js';
import type { StoredMemory } from '../../ports/store.js';

const shownPages = 10;
/** How many skipped items are shown for each reason. All are counted. */
const shownPerReason = 20;

/** A detected history, and its file or folder. */
export interface FoundHistory {
  readonly history: History;
  readonly path: string;
}

export interface ImportHistoryOptions {
  readonly assistantId: AssistantId;
  readonly dryRun: boolean;
  readonly includeForgotten?: boolean | undefined;
  readonly nowMs: number;
  readonly timeZone: string;
  readonly redactor: Redactor;
  readonly onProgress?: ((share: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface LeftOut {
  readonly where: string;
  readonly reason: string;
  readonly content: string;
}

export interface ImportedHistory {
  readonly from: string;
  readonly counts: ImportCounts;
  /** The first pages in stored form. */
  readonly sample: readonly Page[];
  /** Number of skipped items by reason. */
  readonly leftOut: ReadonlyMap<string, number>;
  readonly examples: readonly LeftOut[];
}

export const historySources: readonly string[] = [...histories.keys()];

/**
 * Finds the history at a path: of the kind named, otherwise detected. Null when it is not another program's
 * history. Throws NOT_FOUND and INPUT_INVALID.
 */
export async function findHistory(source: string, from: string | undefined): Promise<FoundHistory | null> {
  await stat(source).catch((cause: unknown) => {
    throw new MemoryError('NOT_FOUND', `There is no ${path.resolve(source)}.`, { cause });
  });
  if (from === undefined) return historyAt(source);
  const history = histories.get(from);
  if (history === undefined) {
    throw new MemoryError('INPUT_INVALID', `--from takes one of ${historySources.join(', ')}.`);
  }
  const found = await historyAt(source);
  return { history, path: found?.history === history ? found.path : source };
}

/** Imports a history without changing the source. Throws errors of reading and importing. */
export async function importHistory(
  store: StoredMemory,
  { history, path: from }: FoundHistory,
  options: ImportHistoryOptions,
): Promise<ImportedHistory> {
  const sample: Page[] = [];
  const leftOut = new Map<string, number>();
  const examples: LeftOut[] = [];
  const leaveOut = (reason: string, where: string, content = '') => {
    const count = (leftOut.get(reason) ?? 0) + 1;
    leftOut.set(reason, count);
    if (count <= shownPerReason) examples.push({ reason, where, content });
  };
  const conversations = history.read(from, {
    leaveOut,
    progress: (share) => options.onProgress?.(share),
  });
  const counts = await importConversations(store, conversations, {
    assistantId: options.assistantId,
    dryRun: options.dryRun,
    includeForgotten: options.includeForgotten,
    nowMs: options.nowMs,
    timeZone: options.timeZone,
    redactor: options.redactor,
    signal: options.signal,
    mayBeStored: history.isOfAgents === true,
    onLeftOut: (reason, { timestamp, userInput }) => leaveOut(reason, timestamp, userInput),
    onPage(page) {
      if (sample.length < shownPages) sample.push(page);
    },
  });
  return { from: `${history.title} (${from})`, counts, sample, leftOut, examples };
}
