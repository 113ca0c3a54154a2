import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { JSONParser } from '@streamparser/json';
import { MemoryError, messageOf } from '../../model/errors.js';
import type { HistoryReport } from './history.js';

/**
 * Yields the elements of a list in a JSON file one at a time, because the file may be larger than the memory.
 * The keys name the list: `$` for the document itself, `$.items` for a member of an object. A truncated file
 * yields what it has and is reported. Throws errors of reading.
 */
export async function* elementsOf(
  file: string,
  paths: readonly string[],
  report: HistoryReport,
): AsyncGenerator<unknown> {
  const { size } = await stat(file);
  const parser = new JSONParser({ paths: paths.map((path) => `${path}.*`), keepStack: false });
  let found: unknown[] = [];
  let problem: string | null = null;
  parser.onValue = ({ value }) => void found.push(value);
  parser.onError = (error) => {
    problem ??= messageOf(error);
  };
  let read = 0;
  let isFirst = true;
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) {
    const bytes: Buffer = chunk;
    read += bytes.length;
    parser.write(isFirst ? withoutMark(bytes) : bytes);
    isFirst = false;
    report.progress(size === 0 ? 1 : read / size);
    const elements = found;
    found = [];
    yield* elements;
    if (problem !== null) break;
  }
  if (problem !== null) report.leaveOut('the file is damaged here', `${file}, byte ${read}`, problem);
  else if (!parser.isEnded) report.leaveOut('the file ends too early', file);
}

function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

export function notOfKind(file: string, what: string): MemoryError {
  return new MemoryError('INPUT_INVALID', `${file} is not ${what}. Nothing was changed.`);
}
