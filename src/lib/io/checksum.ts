import { createHash } from 'node:crypto';

/** The first 64 bits of SHA-256, in hex: finds damage, does not keep anyone from forging. */
export function checksum(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex').slice(0, checksumLength);
}

export const checksumLength = 16;

const ending = (value: string) => `"check":"${value}"}`;
const endingLength = ending('').length + checksumLength;

/** One line of JSON whose last property `check` is the checksum of the text before it. */
export function sealLine(objectText: string): { line: string; check: string } {
  const body = `${objectText.slice(0, -1)},`;
  const check = checksum(body);
  return { line: `${body}${ending(check)}`, check };
}

/** The value of a sealed line and its checksum; null when the line was damaged. */
export function openLine(line: string): { value: unknown; check: string } | null {
  const body = line.slice(0, -endingLength);
  const check = line.slice(-checksumLength - 2, -2);
  if (line.slice(-endingLength) !== ending(check) || checksum(body) !== check) return null;
  try {
    return { value: JSON.parse(line), check };
  } catch {
    return null;
  }
}
