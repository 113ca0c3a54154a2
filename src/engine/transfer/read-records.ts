import type { z } from 'zod';
import { jsonIn } from '../../lib/text/json.js';
import { MemoryError } from '../../model/errors.js';
import type { SegmentId } from '../../model/ids.js';
import {
  type TransferHeader,
  type TransferRecord,
  transferHeaderSchema,
  transferKind,
  transferLineSchema,
  transferVersion,
} from '../../model/transfer.js';

/** A record and its line number, counted from 1. */
export interface NumberedRecord {
  readonly line: number;
  readonly record: TransferRecord;
}

export interface TransferReading {
  readonly header: TransferHeader;
  /** Can be read only once. Throws INPUT_INVALID with the number of the line. */
  records(): AsyncIterable<NumberedRecord>;
}

export interface ReadOptions {
  /** The name of the source, for messages. */
  readonly name: string;
  /** Called instead of throwing: damaged lines are skipped, and a missing end is accepted. */
  readonly onDamage?: ((problem: string) => void) | undefined;
}

/**
 * Reads an export stream line by line and checks every line against its schema. Throws INPUT_INVALID (not an
 * export, or damaged) and STORE_NEWER (written by a newer version).
 */
export async function readTransfer(
  lines: AsyncIterable<Uint8Array>,
  { name, onDamage }: ReadOptions,
): Promise<TransferReading> {
  const iterator = lines[Symbol.asyncIterator]();
  const first = await iterator.next();
  const header = headerFrom(first.done === true ? '' : (decoded(first.value) ?? ''), name);
  return {
    header,
    async *records() {
      const damage = (line: number, problem: string) => {
        const message = `${name}, line ${line}: ${problem}`;
        if (onDamage === undefined) throw invalid(message);
        onDamage(message);
      };
      let line = 1;
      let segment: SegmentId | null = null;
      let ended = false;
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
        line += 1;
        const text = decoded(next.value);
        if (text === null) {
          damage(line, 'is not UTF-8.');
          continue;
        }
        if (text.trim() === '') {
          damage(line, 'the line is empty.');
          continue;
        }
        if (ended) {
          damage(line, 'the file continues after the end of the export. Import one export at a time.');
          return;
        }
        const parsed = parse(text, transferLineSchema);
        if ('problem' in parsed) {
          damage(line, parsed.problem);
          continue;
        }
        const record = parsed.value;
        if (record.kind === 'end') {
          ended = true;
          if (record.lines !== line - 1) {
            damage(
              line,
              `${record.lines} lines should precede the end line, but there are ${line - 1}; some were lost.`,
            );
          }
          continue;
        }
        if (record.kind === 'segment') segment = record.segment.id;
        if (record.kind === 'page' && record.segment_id !== null && record.segment_id !== segment) {
          damage(line, `page ${record.page.id} does not follow its segment ${record.segment_id}.`);
          continue;
        }
        yield { line, record };
      }
      if (!ended) damage(line, 'the export stops here without its end line; it is truncated.');
    },
  };
}

function headerFrom(line: string, name: string): TransferHeader {
  const text = line.replace(/^\uFEFF/, '');
  const value = jsonIn(text);
  if (typeof value !== 'object' || value === null || !('kind' in value) || value.kind !== transferKind) {
    throw invalid(
      `${name} is not an export of memoryos-mcp: its first line is not {"kind":"${transferKind}",…}. A data folder of the Python MemoryOS is imported by naming the folder.`,
    );
  }
  if ('version' in value && typeof value.version === 'number' && value.version > transferVersion) {
    throw new MemoryError(
      'STORE_NEWER',
      `${name} is an export of version ${value.version}, this memoryos-mcp knows ${transferVersion}. Nothing was changed. Update memoryos-mcp.`,
    );
  }
  const parsed = parse(text, transferHeaderSchema);
  if ('problem' in parsed) throw invalid(`${name}, line 1: ${parsed.problem}`);
  return parsed.value;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decoded(line: Uint8Array): string | null {
  try {
    return utf8.decode(line).replace(/\r$/, '');
  } catch {
    return null;
  }
}

function parse<T>(text: string, schema: z.ZodType<T>): { value: T } | { problem: string } {
  const value = jsonIn(text);
  if (value === undefined) return { problem: 'is not JSON.' };
  // Returns the parsed value itself, not zod's copy, because zod drops keys such as __proto__.
  if (matches(schema, value)) return { value };
  const issue = schema.safeParse(value).error?.issues[0];
  const path = issue?.path.join('.') ?? '';
  return { problem: `${path === '' ? '' : `${path}: `}${issue?.message ?? 'is not valid'}.` };
}

function matches<T>(schema: z.ZodType<T>, value: unknown): value is T {
  return schema.safeParse(value).success;
}

function invalid(message: string): MemoryError {
  return new MemoryError('INPUT_INVALID', message);
}
