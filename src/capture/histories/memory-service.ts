import * as z from 'zod';
import { MemoryError } from '../../model/errors.js';
import type { Exchange, StatedFact } from '../../model/exchange.js';
import type { History } from './history.js';
import { notOfKind } from './json-stream.js';
import { timeFrom } from './times.js';

const rowSchema = z.looseObject({
  content_hash: z.string(),
  content: z.string().min(1),
  tags: z.string().nullish(),
  memory_type: z.string().nullish(),
  created_at: z.number().nullish(),
  created_at_iso: z.string().nullish(),
  deleted_at: z.unknown(),
});

const source = 'mcp-memory-service';

/** The SQLite file of mcp-memory-service, opened read-only. Memories of one type become one segment. */
export const memoryService: History = {
  source,
  title: 'the SQLite file of mcp-memory-service',
  async *read(file, report) {
    const { Database } = await reader();
    const database = new Database(file, { readOnly: true });
    const types = new Map<string, { exchanges: Exchange[]; facts: StatedFact[] }>();
    try {
      const tables = database.all(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'memories'",
      );
      if (tables.length === 0) throw notOfKind(file, `${memoryService.title}: it has no table of memories`);
      for (const row of database.all('SELECT * FROM memories')) {
        const parsed = rowSchema.safeParse(row);
        const timestamp = parsed.success
          ? timeFrom(parsed.data.created_at ?? parsed.data.created_at_iso)
          : null;
        if (!parsed.success || timestamp === null) {
          report.leaveOut('a memory has an unknown format', file);
          continue;
        }
        const { content, content_hash, tags, memory_type, deleted_at } = parsed.data;
        if (deleted_at !== null && deleted_at !== undefined) {
          report.leaveOut('a memory was deleted in the source', file, content);
          continue;
        }
        const type = memory_type || 'memories';
        const group = types.get(type) ?? { exchanges: [], facts: [] };
        const key = `${source}\n${content_hash}`;
        const labels = (tags ?? '').split(',').flatMap((tag) => tag.trim() || []);
        group.exchanges.push({
          key,
          userInput: labels.length === 0 ? content : `${content}\n(${labels.join(', ')})`,
          agentResponse: '',
          timestamp,
          project: null,
          origin: { by: 'import', client: source },
        });
        types.set(type, group);
      }
    } finally {
      database.close();
    }
    report.progress(1);
    for (const [type, group] of types)
      yield { id: `${source}\n${type}`, title: `Imported: ${type}`, ...group };
  },
};

/** SQLite as WebAssembly. An optional dependency, because only this import needs it. */
async function reader(): Promise<typeof import('node-sqlite3-wasm')> {
  try {
    return (await import('node-sqlite3-wasm')).default;
  } catch (cause) {
    throw new MemoryError(
      'CONFIG_INVALID',
      'Reading SQLite needs the optional package node-sqlite3-wasm, which is not installed. Install it beside memoryos-mcp: npm install node-sqlite3-wasm.',
      { cause },
    );
  }
}
