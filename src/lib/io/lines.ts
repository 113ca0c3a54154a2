/**
 * Splits a stream of bytes into lines without their line feeds. A last line without a line feed counts.
 * Throws when a line is longer than `bytesMax`.
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  bytesMax = 256 * 1024 * 1024,
): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let feed = chunk.indexOf(10); feed !== -1; feed = chunk.indexOf(10, start)) {
      parts.push(chunk.subarray(start, feed));
      yield joined(parts);
      parts = [];
      length = 0;
      start = feed + 1;
    }
    if (start === chunk.length) continue;
    parts.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > bytesMax) throw new Error(`a line is longer than ${bytesMax} bytes`);
  }
  if (length > 0) yield joined(parts);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  return only !== undefined && parts.length === 1 ? only : Buffer.concat(parts);
}
