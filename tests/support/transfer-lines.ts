import { exportMemory } from '../../src/engine/transfer/export-memory.js';
import type { UserStore } from '../../src/ports/memory-store.js';
import { stored } from './on-store.js';

/** The lines of an export of the memory. */
export async function exportedLines(store: UserStore, nowMs: number): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of (await exportMemory(stored(store), nowMs)).lines())
    lines.push(JSON.stringify(line));
  return lines;
}

export async function* bytesOf(lines: readonly string[]): AsyncIterable<Uint8Array> {
  for (const line of lines) yield Buffer.from(line);
}
