import { type PythonMemoryOptions, readPythonMemory } from '../../adapters/python-memory/python-memory.js';
import type { PythonReport } from '../../adapters/python-memory/report.js';
import type { Redactor } from '../../engine/redactor.js';
import type { ImportCounts } from '../../engine/transfer/import-batch.js';
import { type ImportOptions, importMemory } from '../../engine/transfer/import-memory.js';
import type { NumberedRecord } from '../../engine/transfer/read-records.js';
import type { ChainId } from '../../model/ids.js';
import type { TransferRecord } from '../../model/transfer.js';
import type { StoredMemory } from '../../ports/store.js';

export interface ImportPythonOptions extends PythonMemoryOptions {
  readonly dryRun: boolean;
  readonly redactor: Redactor;
  /** Also imports what this memory has forgotten. */
  readonly includeForgotten?: boolean | undefined;
  readonly onProgress?: ((share: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ImportedPython {
  readonly user: string;
  readonly counts: ImportCounts;
  readonly report: PythonReport;
}

/**
 * Imports a data folder of the Python MemoryOS without changing it. Throws errors of reading and importing.
 */
export async function importPython(
  store: StoredMemory,
  folder: string,
  options: ImportPythonOptions,
): Promise<ImportedPython> {
  const { user, lastMigrated, records, report } = await readPythonMemory(folder, options);
  const total = records.filter((record) => record.kind === 'page').length;
  const brokenChains = new Set<ChainId>();
  const take = (rest: ImportOptions) => {
    const { includeForgotten, redactor, signal } = options;
    const shared = { includeForgotten, redactor, signal, brokenChains, ...rest };
    return importMemory(store, { last_migrated: lastMigrated }, numbered(records), shared);
  };
  const { tombstones } = await store.read({ tombstones: true });
  if (tombstones.size > 0) await take({ dryRun: true });
  const counts = await take({
    dryRun: options.dryRun,
    onProgress: ({ pages }) => options.onProgress?.(total === 0 ? 1 : Math.min(1, pages / total)),
  });
  return { user, counts, report };
}

async function* numbered(records: readonly TransferRecord[]): AsyncIterable<NumberedRecord> {
  let line = 0;
  for (const record of records) {
    line += 1;
    yield { line, record };
  }
}
