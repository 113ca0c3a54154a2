import { createReadStream } from 'node:fs';

/** Longer lines contain images or the output of tools and are skipped. */
const lineBytesMax = 16 * 1024 * 1024;

export interface TextLine {
  readonly text: string;
  /** Where the line begins in the file, and where the next one begins. */
  readonly startByte: number;
  readonly endByte: number;
}

/**
 * Yields the lines of a file that may still be written. An unfinished last line is yielded only with
 * `unfinished`. UTF-8, or UTF-16 when the file begins with its byte order mark. Holds one line at a time.
 * Throws errors of reading.
 */
export async function* linesOf(
  file: string,
  { fromByte = 0, unfinished = false }: { fromByte?: number; unfinished?: boolean } = {},
): AsyncGenerator<TextLine> {
  const encoding = await encodingOf(file);
  const decoder = new TextDecoder(encoding);
  const newline = Buffer.from('\n', encoding === 'utf-8' ? 'utf8' : 'utf16le');
  if (encoding === 'utf-16be') newline.swap16();
  let parts: Buffer[] = [];
  let held = 0;
  let startByte = fromByte;
  const line = (end: number): TextLine | null => {
    const bytes = end - startByte;
    const text = held === bytes ? decoder.decode(Buffer.concat(parts)).replace(/^\uFEFF|\r?\n?$/g, '') : null;
    const whole = text === null ? null : { text, startByte, endByte: end };
    parts = [];
    held = 0;
    startByte = end;
    return whole;
  };
  const take = (part: Buffer) => {
    if (held + part.length > lineBytesMax) {
      // Too long. The parts are dropped, so they no longer add up to the line, and the line is skipped.
      parts = [];
      held = -1;
    } else if (held >= 0) {
      parts.push(part);
      held += part.length;
    }
  };
  let position = fromByte;
  for await (const chunk of createReadStream(file, { start: fromByte, highWaterMark: 256 * 1024 })) {
    const bytes: Buffer = chunk;
    let from = 0;
    for (let at = find(bytes, newline, 0, position); at !== -1; at = find(bytes, newline, from, position)) {
      take(bytes.subarray(from, at + newline.length));
      from = at + newline.length;
      const whole = line(position + from);
      if (whole !== null) yield whole;
    }
    take(bytes.subarray(from));
    position += bytes.length;
  }
  if (unfinished && position > startByte) {
    const whole = line(position);
    if (whole !== null) yield whole;
  }
}

/** Finds the end of a line; in UTF-16 only at character boundaries. */
function find(bytes: Buffer, newline: Buffer, from: number, base: number): number {
  let at = bytes.indexOf(newline, from);
  while (at !== -1 && (base + at) % newline.length !== 0) at = bytes.indexOf(newline, at + 1);
  return at;
}

async function encodingOf(file: string): Promise<'utf-8' | 'utf-16le' | 'utf-16be'> {
  for await (const chunk of createReadStream(file, { end: 1 })) {
    const bytes: Buffer = chunk;
    if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
    if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  }
  return 'utf-8';
}
