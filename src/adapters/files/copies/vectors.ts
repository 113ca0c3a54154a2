import { join } from 'node:path';
import { checksum, checksumLength } from '../../../lib/io/checksum.js';
import { readWhole, writeAtomically } from '../../../lib/io/file-access.js';
import { codeOf, type Files } from '../../../lib/io/files.js';
import { packageFile, packageRequire } from '../../../lib/io/package-files.js';
import { messageOf } from '../../../model/errors.js';
import type { SegmentVectors } from '../../../ports/memory-store.js';

/** The item that holds the summary's vector and describes the index. Page ids begin with `pg_`. */
const summaryItemId = 'summary';
export const indexName = 'index.pb';
/** Version of the vector index only. */
const indexVersion = 1;
const unusable = 'is incomplete or was changed from outside';

type Metadata = Record<string, string | number | boolean>;

interface IndexItem {
  readonly id: string;
  readonly metadata: Metadata;
  readonly vector: number[];
}

/** The methods of vectra's `LocalIndex` that are used here. */
interface LocalIndex {
  listItems(): Promise<IndexItem[]>;
  batchInsertItems(items: readonly IndexItem[]): Promise<unknown>;
}

/** vectra's `FileStorage`. */
interface FileStorage {
  pathExists(path: string): Promise<boolean>;
  readFile(path: string): Promise<Buffer>;
  upsertFile(path: string, content: Buffer | string): Promise<void>;
  createFile(): Promise<never>;
  createFolder(): Promise<never>;
  deleteFile(): Promise<never>;
  deleteFolder(): Promise<never>;
  getDetails(): Promise<never>;
  listFiles(): Promise<never>;
}

interface Vectra {
  index(folder: string, storage: FileStorage): LocalIndex;
}

let loaded: Vectra | undefined;

/** Loads vectra on first use: the part that stores vectors, packed by `npm run pack:vectra`. */
function vectra(): Vectra {
  if (loaded !== undefined) return loaded;
  const { LocalIndex, ProtobufCodec } = packageRequire()(packageFile('assets/vectra/vectra.cjs'));
  const codec = new ProtobufCodec();
  loaded = { index: (path, storage) => new LocalIndex(path, indexName, storage, codec) };
  return loaded;
}

/** Null when there are no vectors or they are unusable (`damaged` is called with the reason). */
export async function loadVectors(
  files: Files,
  folder: string,
): Promise<{ vectors: SegmentVectors | null; damaged: string | null }> {
  const data = await readWhole(files, join(folder, indexName));
  if (data === null) return { vectors: null, damaged: null };
  const content = withoutTrailer(data);
  if (content === null) return { vectors: null, damaged: unusable };
  const items = await vectra().index(folder, storageOf(files, content)).listItems();
  const summary = items.find((item) => item.id === summaryItemId);
  const vectors = summary === undefined ? null : vectorsOf(summary, items);
  return { vectors, damaged: vectors === null ? 'has an unknown format' : null };
}

/** What is wrong with a segment's index; null when it is intact or there is none. */
export async function inspectVectors(files: Files, folder: string): Promise<string | null> {
  try {
    const data = await readWhole(files, join(folder, indexName));
    return data === null || withoutTrailer(data) !== null ? null : unusable;
  } catch (error) {
    return `cannot be read (${codeOf(error) ?? messageOf(error)})`;
  }
}

/** Removes an unusable index. It will be rebuilt. */
export async function removeVectors(files: Files, folder: string): Promise<void> {
  await files.remove(join(folder, indexName));
}

function vectorsOf(summary: IndexItem, items: readonly IndexItem[]): SegmentVectors | null {
  const { schema_version: version, model, dimensions, text, has_summary: hasSummary } = summary.metadata;
  if (version !== indexVersion || typeof model !== 'string' || typeof dimensions !== 'number') return null;
  const pages = new Map<string, Float32Array>();
  const pieces = new Map<string, Uint8Array>();
  for (const item of items) {
    if (item.id === summaryItemId) continue;
    if (item.vector.length !== dimensions) return null;
    pages.set(item.id, Float32Array.from(item.vector));
    const packed = item.metadata.pieces;
    if (typeof packed === 'string') pieces.set(item.id, new Uint8Array(Buffer.from(packed, 'base64')));
  }
  const own = hasSummary === true ? { text: String(text), vector: Float32Array.from(summary.vector) } : null;
  return { model, dimensions, summary: own, pages, pieces };
}

/** Replaces a segment's index in one step. */
export async function saveVectors(files: Files, folder: string, vectors: SegmentVectors): Promise<void> {
  const { model, dimensions, summary, pages, pieces } = vectors;
  const metadata: Metadata = {
    schema_version: indexVersion,
    model,
    dimensions,
    has_summary: summary !== null,
    text: summary?.text ?? '',
  };
  await files.makeFolder(folder);
  const storage = storageOf(files, emptyIndex);
  try {
    await vectra()
      .index(folder, storage)
      .batchInsertItems([
        { id: summaryItemId, metadata, vector: [...(summary?.vector ?? [])] },
        ...[...pages].map(([id, vector]) => {
          const packed = pieces.get(id);
          const metadata: Metadata =
            packed === undefined ? {} : { pieces: Buffer.from(packed).toString('base64') };
          return { id, metadata, vector: [...vector] };
        }),
      ]);
  } catch (error) {
    // vectra throws its own error without the code.
    throw storage.failure ?? error;
  }
}

/** An index without items, as vectra's protobuf codec reads it. */
const emptyIndex = Buffer.alloc(0);

/**
 * Implements vectra's storage on our files. `present` is the index's current content; a write replaces it
 * atomically.
 */
function storageOf(files: Files, present: Buffer): FileStorage & { readonly failure: unknown } {
  let failure: unknown;
  const unused = async () => {
    throw new Error('vectra is not expected to do this');
  };
  return {
    get failure() {
      return failure;
    },
    pathExists: async () => true,
    readFile: async () => present,
    async upsertFile(path, content) {
      try {
        await writeAtomically(files, path, withTrailer(Buffer.from(content)));
      } catch (error) {
        failure = error;
        throw error;
      }
    },
    createFile: unused,
    createFolder: unused,
    deleteFile: unused,
    deleteFolder: unused,
    getDetails: unused,
    listFiles: unused,
  };
}

/**
 * The checksum as protobuf field 1000, length-delimited, which other readers skip as unknown. Without it, an
 * empty or truncated file would be read as an index with fewer items.
 */
const trailerHead = Buffer.from([0xc2, 0x3e, checksumLength]);

function withTrailer(content: Buffer): Buffer {
  return Buffer.concat([content, trailerHead, Buffer.from(checksum(content), 'latin1')]);
}

function withoutTrailer(data: Buffer): Buffer | null {
  const end = data.length - trailerHead.length - checksumLength;
  if (end < 0) return null;
  const content = data.subarray(0, end);
  return withTrailer(content).equals(data) ? content : null;
}
