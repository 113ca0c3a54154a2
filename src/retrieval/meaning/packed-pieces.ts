import { pieceBytes } from './reduction.js';

/**
 * The packed word pieces of a page: one byte with the number of passages, one byte for each passage with its
 * number of pieces, then all pieces.
 */
export function packedPage(passages: readonly Uint8Array[]): Uint8Array {
  const head = Uint8Array.from([passages.length, ...passages.map(({ length }) => length / pieceBytes)]);
  const bytes = new Uint8Array(passages.reduce((sum, { length }) => sum + length, head.length));
  bytes.set(head);
  let at = head.length;
  for (const passage of passages) {
    bytes.set(passage, at);
    at += passage.length;
  }
  return bytes;
}

/** The passages of a packed page, as views; null if the bytes are invalid. */
export function passagesOf(page: Uint8Array): Uint8Array[] | null {
  const count = page[0] ?? 0;
  const passages: Uint8Array[] = [];
  let at = 1 + count;
  for (let i = 1; i <= count; i++) {
    const end = at + (page[i] ?? 0) * pieceBytes;
    passages.push(page.subarray(at, end));
    at = end;
  }
  return page.length > 0 && at === page.length ? passages : null;
}
