import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import type { Redactor } from '../../engine/redactor.js';
import { exportMemory } from '../../engine/transfer/export-memory.js';
import type { ImportCounts } from '../../engine/transfer/import-batch.js';
import { importMemory } from '../../engine/transfer/import-memory.js';
import { readTransfer } from '../../engine/transfer/read-records.js';
import { findWriteTarget } from '../../lib/io/write-target.js';
import { MemoryError, messageOf } from '../../model/errors.js';
import type { ChainId } from '../../model/ids.js';
import type { Clock } from '../../ports/clock.js';
import type { StoredMemory } from '../../ports/store.js';
import { encoded, openTransfer, writeTransfer } from './transfer-files.js';

export interface ExportOptions {
  readonly gzip: boolean;
  /** Whether an existing file may be replaced. */
  readonly force: boolean;
  readonly clock: Clock;
  readonly onProgress?: ((pages: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Exports a memory to a file or a stream; returns the number of pages. Throws STORE_…, INPUT_INVALID,
 * CANCELLED.
 */
export async function exportTo(
  store: StoredMemory,
  target: string | Writable,
  options: ExportOptions,
): Promise<number> {
  const memory = await exportMemory(store, options.clock.now());
  let pages = 0;
  async function* lines(): AsyncGenerator<unknown> {
    for await (const line of memory.lines()) {
      if (options.signal?.aborted === true) {
        throw new MemoryError('CANCELLED', 'The export was interrupted; no file was written.');
      }
      if (line.kind === 'page') {
        pages += 1;
        options.onProgress?.(pages, memory.pagesTotal);
      }
      yield line;
    }
  }
  if (typeof target !== 'string') {
    for await (const chunk of encoded(textOf(lines()), options.gzip)) {
      if (!target.write(chunk)) await once(target, 'drain');
    }
    return pages;
  }
  await checkTarget(target, options.force);
  await writeTransfer(target, lines(), { gzip: options.gzip });
  return pages;
}

export interface ImportFileOptions {
  readonly dryRun: boolean;
  readonly redactor: Redactor;
  /** Also imports what this memory has forgotten. */
  readonly includeForgotten?: boolean | undefined;
  /** Imports the readable parts of a damaged file and reports the others. */
  readonly onDamage?: ((problem: string) => void) | undefined;
  /** `share`: the part of the file read so far, when known. */
  readonly onProgress?: ((step: 'check' | 'import', share: number | undefined) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ImportedFile {
  /** The user and the time of the export. */
  readonly userId: string;
  readonly exportedAt: string;
  readonly counts: ImportCounts;
}

/**
 * Imports an export into a memory. A file is checked completely before anything is changed. Standard input
 * (`-`) is checked line by line. Throws INPUT_INVALID, NOT_FOUND, STORE_…, CANCELLED.
 */
export async function importFile(
  store: StoredMemory,
  path: string,
  options: ImportFileOptions,
): Promise<ImportedFile> {
  const brokenChains = new Set<ChainId>();
  const run = async (step: 'check' | 'import', told: ImportFileOptions['onDamage']) => {
    const source = await openTransfer(path);
    const { header, records } = await readTransfer(source.lines(), { name: source.name, onDamage: told });
    const share = () => (source.bytesTotal === null ? undefined : source.bytesRead() / source.bytesTotal);
    const counts = await importMemory(store, header, records(), {
      dryRun: step === 'check',
      redactor: options.redactor,
      includeForgotten: options.includeForgotten,
      brokenChains,
      onProgress: () => options.onProgress?.(step, share()),
      signal: options.signal,
    });
    return { userId: header.user_id, exportedAt: header.exported_at, counts };
  };
  const quiet = options.onDamage === undefined ? undefined : () => undefined;
  if (path === '-') return run(options.dryRun ? 'check' : 'import', options.onDamage);
  const found = await run('check', options.onDamage);
  return options.dryRun ? found : run('import', quiet);
}

/** Refuses to replace a file without `force`. Writing to a pipe or a terminal replaces nothing. */
async function checkTarget(path: string, force: boolean): Promise<void> {
  const { kind } = await findWriteTarget(path).catch((cause: unknown) => {
    throw new MemoryError('STORE_IO', `${path} cannot be written: ${messageOf(cause)}.`, { cause });
  });
  if (kind === 'folder') {
    throw new MemoryError('INPUT_INVALID', `${path} is a folder. Give the name of a file in it.`);
  }
  if (force || kind === 'nothing') return;
  if (kind === 'stream' && !(await stat(path)).isBlockDevice()) return;
  throw new MemoryError(
    'INPUT_INVALID',
    `${path} exists already. Choose another name, or add --force to replace it.`,
  );
}

async function* textOf(lines: AsyncIterable<unknown>): AsyncGenerator<Buffer> {
  for await (const line of lines) yield Buffer.from(`${JSON.stringify(line)}\n`);
}
