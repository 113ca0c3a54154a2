import { createHash } from 'node:crypto';

/** The first 64 bits of SHA-256, in hex. Detects damage; does not protect against forgery. */
export function checksum(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex').slice(0, checksumLength);
}

export const checksumLength = 16;

const ending = (value: string) => `"check":"${value}"}`;
const endingLength = ending('').length + checksumLength;

/** Makes a sealed line: JSON whose last property `check` is the checksum of the text before it. */
export function sealLine(objectText: string): { line: string; check: string } {
  const body = `${objectText.slice(0, -1)},`;
  const check = checksum(body);
  return { line: `${body}${ending(check)}`, check };
}

/** Whether a line is sealed and undamaged. */
export function isSealed(line: string): boolean {
  const check = line.slice(-checksumLength - 2, -2);
  return line.slice(-endingLength) === ending(check) && checksum(line.slice(0, -endingLength)) === check;
}

/** The value of a sealed line and its checksum; null when the line is damaged. */
export function openLine(line: string): { value: unknown; check: string } | null {
  if (!isSealed(line)) return null;
  try {
    return { value: JSON.parse(line), check: line.slice(-checksumLength - 2, -2) };
  } catch {
    return null;
  }
}
