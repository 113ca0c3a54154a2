import * as z from 'zod';
import { openLine, sealLine, sealLongLine } from '../../../lib/io/checksum.js';
import { loggedChangeSchema } from '../../../model/change-log.js';
import { MemoryError } from '../../../model/errors.js';
import type { SegmentId } from '../../../model/ids.js';
import { factSchema } from '../../../model/knowledge.js';
import {
  analysisTroubleSchema,
  lossSchema,
  type Operation,
  operationSchema,
  tombstonesSchema,
} from '../../../model/operation.js';
import {
  assistantIdSchema,
  instantSchema,
  pageIdSchema,
  pageSchema,
  segmentIdSchema,
} from '../../../model/page.js';
import { traitKey, traitSchema } from '../../../model/profile.js';
import { listTombstones, putTombstones } from '../../../model/tombstones.js';
import { emptyState, setShortTerm, type UserState } from '../../../model/user-state.js';
import type { Version } from '../layout.js';

/**
 * Version of all files of the store. A file with a higher version is refused. A file with a lower version is
 * read, and the epoch that begins on opening has this version. A process of an older version then stops
 * instead of misreading the file.
 */
export const schemaVersion = 3;
export const schemaVersionSchema = z.union([z.literal(1), z.literal(2), z.literal(schemaVersion)]);

const count = z.number().int().nonnegative();

/** The first line of an epoch: everything except the pages of the segments. */
export const headerSchema = z.strictObject({
  kind: z.literal('checkpoint'),
  schema_version: schemaVersionSchema,
  user_id: z.string(),
  epoch: count,
  seq: count,
  at: instantSchema,
  /** The previous epoch and how many of its bytes count; null for the first epoch. */
  previous: z.strictObject({ epoch: count, length: count }).nullable(),
  short_term: z.array(pageSchema),
  last_migrated: pageIdSchema.nullable(),
  profile: z.array(traitSchema),
  user_knowledge: z.array(factSchema),
  assistant_knowledge: z.array(
    z.strictObject({ assistant_id: assistantIdSchema, facts: z.array(factSchema) }),
  ),
  /** Absent in versions without a log of changes. */
  changes: z.array(loggedChangeSchema).optional(),
  troubles: z.array(analysisTroubleSchema),
  /** Not in version 1, nor are the next two. */
  tombstones: z.array(tombstonesSchema).optional(),
  losses: z.array(lossSchema).optional(),
  /** Minimum length of the archive. It only grows, until a purge begins a new archive. */
  archive_bytes: count.optional(),
  archived: z.strictObject({ segments: count, pages: count }),
  /** Number of the current archive file: 0 is archive.jsonl, n is archive.<n>.jsonl. */
  archive: count,
  segments: z.array(
    z.strictObject({
      id: segmentIdSchema,
      epoch: count,
      seq: count,
      pages: count,
      n_visit: count,
      last_visit_at: instantSchema,
    }),
  ),
  /** Segments that were removed with this epoch. The next epoch removes their folders. */
  retired: z.array(segmentIdSchema),
});
export type Header = z.infer<typeof headerSchema>;

const operationsSchema = z.array(operationSchema);

const recordSchema = z.strictObject({
  kind: z.literal('transaction'),
  seq: count,
  id: z.string(),
  at: instantSchema,
  /** Checksum of the preceding line. */
  prev: z.string(),
  ops: operationsSchema,
});
const operationKinds = new Set<unknown>(operationSchema.options.map(({ shape }) => shape.op.value));

/** One transaction as stored in the log. */
export interface JournalRecord {
  readonly seq: number;
  readonly id: string;
  readonly prev: string;
  readonly check: string;
  readonly operations: readonly Operation[];
  /** Length of its line in bytes, with the line feed. */
  readonly length: number;
}

/** The position of a state in the log. */
export interface Position {
  readonly epoch: number;
  /** Bytes of the epoch's log that the state reflects. */
  readonly offset: number;
  readonly seq: number;
  /** Checksum of the last line that the state reflects. */
  readonly check: string;
}

// Checks the parsed value itself, not zod's copy, because zod drops keys such as __proto__.
function matches<T>(schema: z.ZodType<T>, value: unknown): value is T {
  return schema.safeParse(value).success;
}

/** The operations as they will be read from disk. Throws INPUT_INVALID when one violates its schema. */
export function diskForm(operations: readonly Operation[]): {
  text: string;
  operations: readonly Operation[];
} {
  const text = JSON.stringify(operations);
  const value: unknown = JSON.parse(text);
  if (matches(operationsSchema, value)) return { text, operations: value };
  const problem = operationsSchema.safeParse(value).error;
  throw new MemoryError(
    'INPUT_INVALID',
    `An operation violates its schema and was not stored: ${problem === undefined ? '' : z.prettifyError(problem)}`,
  );
}

export function encodeRecord(
  record: { seq: number; id: string; prev: string; at: string },
  operationsText: string,
): { line: string; check: string } {
  const { seq, id, prev, at } = record;
  const front = JSON.stringify({ kind: 'transaction', seq, id, at, prev });
  const { line, check } = sealLine(`${front.slice(0, -1)},"ops":${operationsText}}`);
  return { line: `${line}\n`, check };
}

/** Null when the line is damaged or not a transaction. */
export async function decodeRecord(line: Buffer): Promise<JournalRecord | null> {
  const opened = await openLine(line);
  if (opened === null || !isObject(opened.value)) return null;
  const { check: _, ...rest } = opened.value;
  if (!isRecord(rest)) return null;
  return {
    seq: rest.seq,
    id: rest.id,
    prev: rest.prev,
    check: opened.check,
    operations: rest.ops,
    length: line.length + 1,
  };
}

// With a correct checksum only the kinds of the operations need a check (see isHeader).
function isRecord(value: Record<string, unknown>): value is z.infer<typeof recordSchema> {
  const { ops } = value;
  const isKnown = (operation: unknown) => isObject(operation) && operationKinds.has(operation.op);
  return Array.isArray(ops) && ops.every(isKnown) && matches(recordSchema, { ...value, ops: [] });
}

/** Without the line feed. Writing the line feed makes the header count. */
export async function encodeHeader(header: Header): Promise<{ line: string; check: string }> {
  return sealLongLine(JSON.stringify(header));
}

/** Null when the line is damaged. Throws STORE_NEWER. */
export async function decodeHeader(
  line: Buffer,
  where: string,
): Promise<{ header: Header; check: string } | null> {
  const opened = await openLine(line);
  refuseNewer(opened === null ? versionGuess(line) : opened.value, where);
  if (opened === null || !isObject(opened.value)) return null;
  const { check: _, ...rest } = opened.value;
  return isHeader(rest) ? { header: rest, check: opened.check } : null;
}

// The checksum is right, so the bytes are those that were written, and everything written has passed its
// schema. Thousands of pages may wait in short-term memory, and checking each would take longer than reading
// them.
function isHeader(value: Record<string, unknown>): value is Header {
  const { short_term: pages } = value;
  return Array.isArray(pages) && matches(headerSchema, { ...value, short_term: pages.slice(0, 1) });
}

/** Throws STORE_NEWER when the value comes from a file of a newer version. */
export function refuseNewer(value: unknown, where: string): void {
  if (!isObject(value) || typeof value.schema_version !== 'number' || value.schema_version <= schemaVersion)
    return;
  throw new MemoryError(
    'STORE_NEWER',
    `${where} was written by a newer version (schema_version ${value.schema_version}, this one knows ${schemaVersion}). Nothing was changed. Update memoryos-mcp, or choose another data folder.`,
  );
}

function versionGuess(line: Buffer): unknown {
  const match = /^\{"kind":"checkpoint","schema_version":([0-9]{1,6}),/.exec(line.toString('latin1', 0, 64));
  return match === null ? null : { schema_version: Number(match[1]) };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Makes the header for a state. `saved` names the file of each segment. */
export function headerOf(
  state: UserState,
  about: Pick<Header, 'user_id' | 'epoch' | 'seq' | 'at' | 'previous' | 'retired' | 'archive'> & {
    readonly archive_bytes: number;
  },
  saved: ReadonlyMap<SegmentId, Version>,
): Header {
  return {
    kind: 'checkpoint',
    schema_version: schemaVersion,
    user_id: about.user_id,
    epoch: about.epoch,
    seq: about.seq,
    at: about.at,
    previous: about.previous,
    short_term: [...state.shortTerm],
    last_migrated: state.lastMigrated,
    profile: [...state.profile.values()],
    user_knowledge: [...state.userKnowledge],
    assistant_knowledge: [...state.assistantKnowledge].map(([assistant_id, facts]) => ({
      assistant_id,
      facts: [...facts],
    })),
    changes: [...state.changes],
    troubles: [...state.troubles.values()],
    tombstones: listTombstones(state.tombstones),
    losses: [...state.losses],
    archive_bytes: about.archive_bytes,
    archived: { segments: state.archivedSegments, pages: state.archivedPages },
    archive: about.archive,
    segments: [...state.segments.values()].map((segment) => {
      const { id, n_visit, last_visit_at } = segment.head;
      const { epoch, seq } = saved.get(id) ?? { epoch: 0, seq: 0 };
      return { id, epoch, seq, pages: segment.size, n_visit, last_visit_at };
    }),
    retired: about.retired,
  };
}

/** Makes the state from a header. The pages of its segments are added later. */
export function stateOf(header: Header): UserState {
  const state = emptyState();
  setShortTerm(state, header.short_term);
  state.lastMigrated = header.last_migrated;
  for (const trait of header.profile) state.profile.set(traitKey(trait), trait);
  state.userKnowledge.push(...header.user_knowledge);
  for (const { assistant_id, facts } of header.assistant_knowledge) {
    state.assistantKnowledge.set(assistant_id, facts);
  }
  state.changes.push(...(header.changes ?? []));
  for (const trouble of header.troubles) state.troubles.set(trouble.job, trouble);
  for (const entry of header.tombstones ?? []) putTombstones(state.tombstones, entry);
  state.losses.push(...(header.losses ?? []));
  state.archivedSegments = header.archived.segments;
  state.archivedPages = header.archived.pages;
  return state;
}
