import { createHash, webcrypto } from 'node:crypto';
import { StringDecoder } from 'node:string_decoder';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** The first 64 bits of SHA-256, in hex. Detects damage; does not protect against forgery. */
export function checksum(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex').slice(0, checksumLength);
}

export const checksumLength = 16;

/** From this length on, the steps of reading a text take a turn of the event loop each. */
const longLength = 256 * 1024;
const pieceBytes = 4 * 1024 * 1024;

/** Decodes UTF-8, long data piece by piece. */
export async function textOf(data: Buffer): Promise<string> {
  if (data.length < longLength) return data.toString('utf8');
  const decoder = new StringDecoder('utf8');
  let text = '';
  for (let at = 0; at < data.length; at += pieceBytes) {
    await nextTurn();
    text += decoder.write(data.subarray(at, at + pieceBytes));
  }
  return text + decoder.end();
}

/** The checksum of data. Long data is hashed in the thread pool. */
export async function checksumOf(data: Buffer): Promise<string> {
  if (data.length < longLength) return checksum(data);
  await nextTurn();
  const digest = await webcrypto.subtle.digest('SHA-256', data);
  return Buffer.from(digest).toString('hex').slice(0, checksumLength);
}

const ending = (value: string) => `"check":"${value}"}`;
const endingLength = ending('').length + checksumLength;

/** Makes a sealed line: JSON whose last property `check` is the checksum of the text before it. */
export function sealLine(objectText: string): { line: string; check: string } {
  const body = bodyOf(objectText);
  return sealed(body, checksum(body));
}

/** The same for a line that may be long. */
export async function sealLongLine(objectText: string): Promise<{ line: string; check: string }> {
  const body = bodyOf(objectText);
  return sealed(body, await checksumOf(Buffer.from(body)));
}

/** The object up to and with the comma before its last property. */
function bodyOf(objectText: string): string {
  return `${objectText.slice(0, -1)},`;
}

function sealed(body: string, check: string): { line: string; check: string } {
  return { line: `${body}${ending(check)}`, check };
}

/** Whether a line is sealed and undamaged. */
export async function isSealed(line: Buffer): Promise<boolean> {
  return (
    line.subarray(-endingLength).equals(Buffer.from(ending(checkIn(line)))) &&
    (await checksumOf(line.subarray(0, -endingLength))) === checkIn(line)
  );
}

/** What a sealed line has as its checksum. */
function checkIn(line: Buffer): string {
  return line.subarray(-checksumLength - 2, -2).toString('latin1');
}

/** The value of a sealed line and its checksum; null when the line is damaged. */
export async function openLine(line: Buffer): Promise<{ value: unknown; check: string } | null> {
  if (!(await isSealed(line))) return null;
  try {
    return { value: JSON.parse(await textOf(line)), check: checkIn(line) };
  } catch {
    return null;
  }
}
