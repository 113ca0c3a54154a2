import { createHmac, randomBytes } from 'node:crypto';
import type { Fact } from './knowledge.js';
import type { Operation } from './operation.js';
import type { Page } from './page.js';
import type { Trait } from './profile.js';

/**
 * What was forgotten, without its text: keyed hashes by their key. The value says until when something had to be
 * said to count as forgotten (an instant), or null: also where it is said again.
 */
export type Tombstones = Map<string, Map<string, string | null>>;

/** Hashes of one key and time, as they are stored. */
export interface TombstoneEntry {
  readonly key: string;
  readonly until: string | null;
  readonly hashes: readonly string[];
}

/** Takes hashes in; where one is known the later time counts. */
export function putTombstones(tombstones: Tombstones, { key, until, hashes }: TombstoneEntry): void {
  const known = tombstones.get(key) ?? new Map<string, string | null>();
  tombstones.set(key, known);
  for (const hash of hashes) known.set(hash, later(known.get(hash), until));
}

/** All of them, one entry a key and time. */
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

/** Null is for ever. */
function later(known: string | null | undefined, until: string | null): string | null {
  if (known === undefined) return until;
  if (known === null || until === null) return null;
  // Instants are written alike, so their order is that of their text.
  return known > until ? known : until;
}

/** What a person had forgotten, as {@link tombstonesFor} takes it. */
export interface Buried {
  readonly pages: Iterable<Pick<Page, 'id' | 'user_input' | 'agent_response'>>;
  readonly facts: Iterable<Pick<Fact, 'id' | 'knowledge'>>;
  readonly traits: Iterable<Pick<Trait, 'reason'>>;
  /** Of pages that are not at hand any more, as {@link pageHashes} gave them. */
  readonly hashes?: Iterable<string> | undefined;
}

/** The key new hashes of a memory are made with: the one it has, else a new one. Two processes may make one each. */
export function tombstoneKey(tombstones: Tombstones): string {
  const [first] = tombstones.keys();
  return first ?? randomBytes(16).toString('base64url');
}

/**
 * The operations that keep something from coming back. `until`: an instant, for what may be said again later (pages
 * and what went with them); null for facts that were named themselves: they are not derived again.
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

/** The same for a statement that was corrected: what was said until then makes no fact of it again. */
export function tombstoneOfStatement(key: string, statement: string, until: string): Operation[] {
  return tombstonesFor(key, { pages: [], facts: [], traits: [{ reason: statement }] }, until);
}

/** The hashes a page is known by: of its id and of its words. */
export function pageHashes(key: string, page: Pick<Page, 'id' | 'user_input' | 'agent_response'>): string[] {
  const words = exchangeOf(page);
  const id = hashOf(key, 'id', page.id);
  return words.trim() === '' ? [id] : [id, hashOf(key, 'page', words)];
}

/**
 * Whether a statement (a fact's text, or a trait's reason) was forgotten. `saidAt`: the instant of the exchange it was
 * taken from; of an imported fact that of its extraction. Case, punctuation and the form of characters do not matter.
 * To be asked before a fact is derived or imported; not where a person states it to the memory explicitly.
 */
export function isForgottenStatement(tombstones: Tombstones, statement: string, saidAt: string): boolean {
  return tombstones.size > 0 && isBuried(tombstones, 'statement', plain(statement), saidAt);
}

/** The same for a page: by its id, or by the same words at a time before it was forgotten, whatever its id. */
export function isForgottenPage(
  tombstones: Tombstones,
  page: Pick<Page, 'id' | 'user_input' | 'agent_response' | 'timestamp'>,
): boolean {
  if (tombstones.size === 0) return false;
  return isForgottenId(tombstones, page.id) || isBuried(tombstones, 'page', exchangeOf(page), page.timestamp);
}

/** Whether the page or the fact of this id was forgotten. */
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
 * The words of a text: without case, punctuation and forms of characters. Signs that make another word stay (`C#`,
 * `C++`, `50%`, `3.5`). Part of the stored format: a change makes what was forgotten before unknown.
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
