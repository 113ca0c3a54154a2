import { createHash } from 'node:crypto';
import { traitKey } from '../../model/profile.js';
import { isForgottenId, type Tombstones } from '../../model/tombstones.js';
import type { TransferRecord } from '../../model/transfer.js';
import type { StoredMemory } from '../../ports/store.js';
import { exportMemory } from './export-memory.js';

/**
 * The content of a memory as hashes. Memories with equal content have equal hashes in every kind of store.
 */
export interface MemoryContent {
  /** Number of pages in all tiers and the archive. */
  readonly pages: number;
  readonly facts: number;
  /** Hashes by name (pages and facts by id), in the order of the memory. */
  readonly hashes: ReadonlyMap<string, string>;
  /** Ids of pages and facts. */
  readonly ids: ReadonlySet<string>;
  /** Ids of pages and facts in the archive. */
  readonly archived: ReadonlySet<string>;
  readonly tombstones: Tombstones;
  /** Position of the memory, to compare with `positionOf`. */
  readonly position: string;
}

/** Reads a complete memory and hashes it record by record. Throws the errors of `exportMemory`. */
export async function contentOf(memory: StoredMemory): Promise<MemoryContent> {
  const exported = await exportMemory(memory, 0);
  const { position } = memory;
  const { troubles, tombstones } = await memory.read({ troubles: true, tombstones: true });
  const hashes = new Map<string, string>();
  const ids = new Set<string>();
  const archived = new Set<string>();
  const counts = { page: 0, fact: 0 };
  let isArchived = false;
  let lastMigrated: string | null = null;
  for await (const line of exported.lines()) {
    if (line.kind === 'memoryos-export' || line.kind === 'end' || line.kind === 'tombstones') continue;
    if (line.kind === 'segment' || line.kind === 'fact') isArchived = line.archived;
    if (line.kind === 'page' || line.kind === 'fact') {
      const { id } = line.kind === 'page' ? line.page : line.fact;
      counts[line.kind] += 1;
      ids.add(id);
      if (isArchived && !(line.kind === 'page' && line.segment_id === null)) archived.add(id);
    }
    if (line.kind === 'page' && line.page.id === exported.header.last_migrated) {
      // Only a page in a chain can be continued.
      if (line.page.chain_id !== null) lastMigrated = line.page.id;
    }
    hashes.set(nameOf(line, hashes.size), hashOf(plain(line)));
  }
  for (const trouble of troubles.values()) hashes.set(`trouble ${trouble.job}`, hashOf(trouble));
  for (const [key, entries] of tombstones) {
    for (const [hash, until] of entries) hashes.set(`forgotten ${key} ${hash}`, hashOf(until));
  }
  hashes.set('the page that migrated last', hashOf(lastMigrated));
  return { pages: counts.page, facts: counts.fact, hashes, ids, archived, tombstones, position };
}

/** Null when both are equal; otherwise the first difference, for people. Never contains what was said. */
export function differenceOf(source: MemoryContent, target: MemoryContent): string | null {
  for (const [name, hash] of source.hashes) {
    const found = target.hashes.get(name);
    if (found !== hash) return found === undefined ? `${name} is missing` : `${name} is another`;
  }
  for (const name of target.hashes.keys()) {
    if (!source.hashes.has(name)) return `${name} is not in the source`;
  }
  return inOrder(source) === inOrder(target) ? null : 'the order is another';
}

/** Number of pages and facts that only the target has and that the source has not forgotten. */
export function ownOf(target: MemoryContent, source: MemoryContent): number {
  return [...target.ids].filter((id) => !source.ids.has(id) && !isForgottenId(source.tombstones, id)).length;
}

/** The parts that have an order. A store may archive facts and segments of one transaction in any order. */
function inOrder({ hashes }: MemoryContent): string {
  const names = [...hashes.keys()];
  const those = (pattern: RegExp) => names.filter((name) => pattern.test(name));
  return [...those(/^(?:segment|page|trait|change) /), ...those(/^fact /)].join('\n');
}

function nameOf(line: Exclude<TransferRecord, { kind: 'tombstones' }>, place: number): string {
  switch (line.kind) {
    case 'segment':
      return `segment ${line.segment.id}`;
    case 'page':
      return `page ${line.page.id}`;
    case 'trait':
      return `trait ${traitKey(line.trait)}`;
    case 'fact':
      return `fact ${line.fact.id}`;
    case 'change':
      return `change ${place}`;
    default:
      return line satisfies never;
  }
}

/** Removes optional default values. */
function plain(line: TransferRecord): unknown {
  if (line.kind !== 'page' || line.page.noted === true) return line;
  const { noted: _, ...page } = line.page;
  return { ...line, page };
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(sorted(value)).digest('base64url').slice(0, 22);
}

/** JSON with sorted keys. */
function sorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${sorted(one)}`).join(',')}}`;
}
