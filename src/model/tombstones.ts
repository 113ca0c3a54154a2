import { createHmac, randomBytes } from 'node:crypto';
import type { Fact } from './knowledge.js';
import type { Operation } from './operation.js';
import type { Page } from './page.js';
import type { Trait } from './profile.js';

/**
 * Records of forgotten content, as keyed hashes without the text. Outer key: the hash key. Inner key: the
 * hash. Value: content said up to this instant counts as forgotten; null: content said at any time does.
 */
export type Tombstones = Map<string, Map<string, string | null>>;

/** Hashes with the same key and time, in stored form. */
export interface TombstoneEntry {
  readonly key: string;
  readonly until: string | null;
  readonly hashes: readonly string[];
}

/** Adds hashes. When a hash is known already, the later time is kept. */
export function putTombstones(tombstones: Tombstones, { key, until, hashes }: TombstoneEntry): void {
  const known = tombstones.get(key) ?? new Map<string, string | null>();
  tombstones.set(key, known);
  for (const hash of hashes) known.set(hash, later(known.get(hash), until));
}

/** Lists all hashes, one entry for each key and time. */
export function listTombstones(
  tombstones: Tombstones,
): { key: string; until: string | null; hashes: string[] }[] {
  const entries = new Map<string, { key: string; until: string | null; hashes: string[] }>();
  for (const [key, hashes] of tombstones) {
    for (const [hash, until] of hashes) {
      const name = `${key} ${until}`;
      const entry = entries.get(name) ?? { key, until, hashes: [] };
      entries.set(name, entry);
      entry.hashes.push(hash);
    }
  }
  return [...entries.values()];
}

/** Null means without end, so it is later than any instant. */
function later(known: string | null | undefined, until: string | null): string | null {
  if (known === undefined) return until;
  if (known === null || until === null) return null;
  // All instants have the same format, so comparing their texts compares their times.
  return known > until ? known : until;
}

/** Content that a person had forgotten; input of {@link tombstonesFor}. */
export interface Buried {
  readonly pages: Iterable<Pick<Page, 'id' | 'user_input' | 'agent_response'>>;
  readonly facts: Iterable<Pick<Fact, 'id' | 'knowledge'>>;
  readonly traits: Iterable<Pick<Trait, 'reason'>>;
  /** Hashes of pages that are no longer loaded, from {@link pageHashes}. */
  readonly hashes?: Iterable<string> | undefined;
}

/**
 * The key for new hashes: the memory's existing key, otherwise a new one. Two processes may each create one.
 */
export function tombstoneKey(tombstones: Tombstones): string {
  const [first] = tombstones.keys();
  return first ?? randomBytes(16).toString('base64url');
}

/**
 * Returns the operations that keep content from coming back. `until`: an instant for content that may be said
 * again later (pages and what was derived from them); null for facts that were forgotten by name, which are
 * never derived again.
 */
export function tombstonesFor(key: string, buried: Buried, until: string | null): Operation[] {
  const hashes = new Set<string>(buried.hashes ?? []);
  const add = (kind: Kind, text: string) => {
    if (text.trim() !== '') hashes.add(hashOf(key, kind, text));
  };
  for (const page of buried.pages) for (const hash of pageHashes(key, page)) hashes.add(hash);
  for (const fact of buried.facts) {
    add('id', fact.id);
    add('statement', plain(fact.knowledge));
  }
  for (const { reason } of buried.traits) add('statement', plain(reason));
  return hashes.size === 0 ? [] : [{ op: 'tombstones_put', key, until, hashes: [...hashes] }];
}

/** The same for a corrected statement: exchanges up to `until` no longer produce this fact. */
export function tombstoneOfStatement(key: string, statement: string, until: string): Operation[] {
  return tombstonesFor(key, { pages: [], facts: [], traits: [{ reason: statement }] }, until);
}

/** The hashes of a page: one of its id, one of its words. */
export function pageHashes(key: string, page: Pick<Page, 'id' | 'user_input' | 'agent_response'>): string[] {
  const words = exchangeOf(page);
  const id = hashOf(key, 'id', page.id);
  return words.trim() === '' ? [id] : [id, hashOf(key, 'page', words)];
}

/**
 * Whether a statement (a fact's text, or a trait's reason) was forgotten. `saidAt`: the instant of its source
 * exchange, or of its extraction for an imported fact. Case, punctuation and Unicode form are ignored. Check
 * this before deriving or importing a fact, but not when a person states a fact explicitly.
 */
export function isForgottenStatement(tombstones: Tombstones, statement: string, saidAt: string): boolean {
  return tombstones.size > 0 && isBuried(tombstones, 'statement', plain(statement), saidAt);
}

/** Whether a page was forgotten: the same id, or the same words, said before it was forgotten, under any id. */
export function isForgottenPage(
  tombstones: Tombstones,
  page: Pick<Page, 'id' | 'user_input' | 'agent_response' | 'timestamp'>,
): boolean {
  if (tombstones.size === 0) return false;
  return isForgottenId(tombstones, page.id) || isBuried(tombstones, 'page', exchangeOf(page), page.timestamp);
}

/** Whether the page or fact with this id was forgotten. */
export function isForgottenId(tombstones: Tombstones, id: string): boolean {
  return tombstones.size > 0 && isBuried(tombstones, 'id', id, '');
}

type Kind = 'id' | 'page' | 'statement';

function isBuried(tombstones: Tombstones, kind: Kind, text: string, saidAt: string): boolean {
  if (text.trim() === '') return false;
  for (const [key, hashes] of tombstones) {
    const until = hashes.get(hashOf(key, kind, text));
    if (until !== undefined && (until === null || saidAt <= until)) return true;
  }
  return false;
}

/** 96 bits of HMAC-SHA-256. */
function hashOf(key: string, kind: Kind, text: string): string {
  const hmac = createHmac('sha256', Buffer.from(key, 'base64url')).update(`${kind}\n${text}`);
  return hmac.digest('base64url').slice(0, 16);
}

function exchangeOf(page: Pick<Page, 'user_input' | 'agent_response'>): string {
  return `${plain(page.user_input)}\n${plain(page.agent_response)}`;
}

/**
 * The words of a text, ignoring case, punctuation and Unicode form. Signs that change a word stay (`C#`,
 * `C++`, `50%`, `3.5`). This is part of the stored format: changing it would make old hashes useless.
 */
function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/['’‘`´]/gu, '')
    .replaceAll(/(?<!\p{N})(?![#%&@*/\\])\p{P}|(?![#%&@*/\\])\p{P}(?!\p{N})/gu, ' ')
    .split(/\s+/u)
    .filter((word) => word !== '')
    .join(' ');
}
