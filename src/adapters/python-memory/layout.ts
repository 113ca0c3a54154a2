import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

export const shortTermName = 'short_term.json';
export const midTermName = 'mid_term.json';
export const longTermName = 'long_term_user.json';

/**
 * Whether the Python MemoryOS wrote a user's folder, judged mostly by file names. False when there is no
 * folder.
 */
export async function isPythonMemory(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch((): string[] => []);
  if (names.includes('mid_term') || names.some((name) => name.startsWith('journal.'))) return false;
  if (names.includes(midTermName)) return true;
  if (names.includes(shortTermName)) return (await beginning(join(folder, shortTermName))).startsWith('[');
  return (
    names.includes(longTermName) && (await beginning(join(folder, longTermName))).includes('"user_profiles"')
  );
}

async function beginning(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(200), 0, 200, 0);
    return buffer.toString('utf8', 0, bytesRead).trimStart();
  } finally {
    await file.close();
  }
}
