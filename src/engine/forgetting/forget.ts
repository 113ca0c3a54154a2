import type { ChangeSource } from '../../model/change-log.js';
import { MemoryError } from '../../model/errors.js';
import type { AssistantId } from '../../model/ids.js';
import type { Page } from '../../model/page.js';
import { traitKey } from '../../model/profile.js';
import type { ForgetResult } from '../../model/results.js';
import { isForgottenId, tombstoneKey } from '../../model/tombstones.js';
import type { Analyser } from '../../ports/analyser.js';
import type { Clock } from '../../ports/clock.js';
import type { ArchiveEntry, StoredMemory } from '../../ports/store.js';
import type { ForgetInput } from '../memory-engine.js';
import { instantFrom } from '../page-input.js';
import { archiveEdit, operationsOf } from './forget-changes.js';
import { type Rewritten, rewrite } from './forget-rewrite.js';
import {
  type ArchiveExtract,
  chainsOf,
  extractArchive,
  type ForgetTarget,
  type Forgotten,
  keyOf,
  needOfExtract,
  needOfSelection,
  selectForgotten,
} from './forget-selection.js';
import { recountArchive } from './recount-archive.js';

/** How many plans may be outdated by other writers before forgetting fails. */
const plansMax = 20;
const excerptCharacters = 80;

export interface ForgetParts {
  readonly store: StoredMemory;
  /** Writes summaries again. Never a language model, because forgotten content must not be sent anywhere. */
  readonly builtinAnalyser: Analyser;
  readonly clock: Clock;
  /** The assistant that received the request. */
  readonly assistantId: AssistantId;
  /** Returns the user's backups that contain one of these pages or facts. */
  readonly backupsHolding?: ((ids: ReadonlySet<string>) => Promise<readonly string[]>) | undefined;
  /** Deletes the user's unfinished backups. Those that cannot be deleted count as containing the content. */
  readonly dropUnfinishedBackups?: (() => Promise<void>) | undefined;
}

/**
 * Forgets pages with everything derived from them, or facts. Without `confirm` it lists what would be removed
 * and changes nothing. With `confirm` one transaction removes everything; then archive, logs and vectors are
 * purged. Throws INPUT_INVALID, NOT_FOUND (nothing named exists), STORE_….
 */
export async function forget(input: ForgetInput, parts: ForgetParts): Promise<ForgetResult> {
  const { store } = parts;
  const target = targetOf(input);
  if (input.confirm === true) await finishForgetting(store);
  const key = tombstoneKey((await store.read({ tombstones: true })).tombstones);
  const reading = new ArchiveReading(store, target, key);
  for (let plans = 0; plans < plansMax; plans += 1) {
    const archive = await reading.extract();
    const forgotten = selectForgotten(await store.read(needOfSelection(archive, target)), archive, target);
    refuseNothing(forgotten, target);
    if (input.confirm !== true) return resultOf(forgotten, target, false, await copies(parts, forgotten));
    const rewritten = await rewrite(forgotten, parts.builtinAnalyser);
    try {
      await commit(parts, archive, forgotten, rewritten, target, key, input.by ?? 'library');
    } catch (error) {
      if (error instanceof MemoryError && error.code === 'CONFLICT') continue;
      throw error;
    }
    const { remaining } = await store.erase(archiveEdit(archive, forgotten, rewritten));
    await parts.dropUnfinishedBackups?.();
    return resultOf(forgotten, target, true, [...remaining, ...(await copies(parts, forgotten))]);
  }
  throw new MemoryError(
    'CONFLICT',
    'The memory kept changing while the selection was made; nothing was forgotten. Try again.',
  );
}

/** The part of the archive that a plan uses. It is read again only when it has changed. */
class ArchiveReading {
  readonly #store: StoredMemory;
  readonly #target: ForgetTarget;
  readonly #key: string;
  #last: { readonly of: string; readonly extract: ArchiveExtract } | null = null;

  constructor(store: StoredMemory, target: ForgetTarget, key: string) {
    this.#store = store;
    this.#target = target;
    this.#key = key;
  }

  async extract(): Promise<ArchiveExtract> {
    const tiers = await this.#store.read({ ...needOfExtract(this.#target), counts: true });
    // Changes with every eviction and removal, and with the chains that lose a page in the tiers.
    const { archivedSegments, archivedPages, facts } = tiers.counts;
    const of = JSON.stringify([archivedSegments, archivedPages, facts, chainsOf(tiers, this.#target)]);
    if (this.#last?.of === of) return this.#last.extract;
    const extract = await extractArchive(() => this.#store.readArchive(), tiers, this.#target, this.#key);
    // What left the tiers during reading may be missing. The plan then fails, and this part is read again.
    this.#last = { of, extract };
    return extract;
  }
}

/**
 * Completes an interrupted forgetting: removes forgotten content from everything kept beside the tiers. A fact in the
 * archive goes with its page of the tiers, which is gone already. An archived page stays, because forgetting it was not
 * acknowledged; who asks again finds it.
 */
export async function finishForgetting(store: StoredMemory): Promise<void> {
  const { purging, tombstones } = await store.read({ purging: true, tombstones: true });
  if (!purging) return;
  await recountArchive(store);
  const isGone = (entry: ArchiveEntry) => entry.kind === 'fact' && isForgottenId(tombstones, entry.fact.id);
  await store.erase((await holds(store, isGone)) ? (entry) => (isGone(entry) ? null : entry) : null);
}

async function holds(store: StoredMemory, isSearched: (entry: ArchiveEntry) => boolean): Promise<boolean> {
  for await (const entry of store.readArchive()) if (isSearched(entry)) return true;
  return false;
}

function targetOf(input: ForgetInput): ForgetTarget {
  const given = [input.pageIds, input.factIds, input.before].filter((way) => way !== undefined);
  if (given.length !== 1) {
    throw new MemoryError(
      'INPUT_INVALID',
      'Name what to forget in exactly one way: page ids, fact ids, or a time before which everything is forgotten.',
    );
  }
  if (input.before !== undefined) return { kind: 'before', ms: instantFrom(input.before, 'before') };
  if (input.pageIds !== undefined) return { kind: 'pages', ids: new Set(input.pageIds) };
  return { kind: 'facts', ids: new Set(input.factIds) };
}

function missing(forgotten: Forgotten, target: ForgetTarget): string[] {
  if (target.kind === 'before') return [];
  const found = new Set<string>([...forgotten.pages, ...forgotten.facts].map(({ id }) => id));
  return [...target.ids].filter((id) => !found.has(id));
}

function refuseNothing(forgotten: Forgotten, target: ForgetTarget): void {
  const unknown = missing(forgotten, target);
  if (target.kind === 'before' || forgotten.pages.length + forgotten.facts.length > 0) return;
  const named = unknown.slice(0, 5).join(', ') || 'none was named';
  throw new MemoryError(
    'NOT_FOUND',
    `No page or fact has this id (${named}). Ids of pages begin with "pg_", ids of facts with "fc_"; retrieve_memory and "memoryos-mcp inspect" show them.`,
  );
}

async function commit(
  { store, clock, assistantId }: ForgetParts,
  archive: ArchiveExtract,
  forgotten: Forgotten,
  rewritten: Rewritten,
  target: ForgetTarget,
  key: string,
  by: ChangeSource,
): Promise<void> {
  const plan = keyOf(forgotten);
  const need = { ...needOfSelection(archive, target), changes: true } as const;
  await store.transact(need, (tiers) => {
    if (keyOf(selectForgotten(tiers, archive, target)) !== plan) {
      throw new MemoryError('CONFLICT', 'The memory changed while the selection was made.');
    }
    const at = new Date(clock.now()).toISOString();
    const logged = { at, by, assistant_id: assistantId };
    return operationsOf(tiers, archive, forgotten, rewritten, target, key, logged);
  });
}

async function copies({ backupsHolding }: ForgetParts, forgotten: Forgotten): Promise<readonly string[]> {
  const ids = [...forgotten.pages, ...forgotten.facts].map(({ id }) => id);
  return (await backupsHolding?.(new Set(ids))) ?? [];
}

function resultOf(
  forgotten: Forgotten,
  target: ForgetTarget,
  confirmed: boolean,
  remaining: readonly string[],
): ForgetResult {
  const segments = forgotten.reduced.filter((segment) => segment.remaining.length === 0);
  const rewritten = forgotten.reduced.length - segments.length;
  const what = [
    counted(forgotten.pages.length, 'page'),
    counted(forgotten.facts.length, 'fact'),
    counted(forgotten.traits.length, 'trait of the profile', 'traits of the profile'),
    counted(segments.length, 'segment'),
  ].filter((part) => part !== null);
  const also = counted(rewritten, 'summary of a segment', 'summaries of segments');
  const unknown = missing(forgotten, target);
  const list = what.join(', ');
  const message = [
    what.length === 0
      ? 'There is nothing to forget. Nothing was changed.'
      : confirmed
        ? `Forgot ${list}.`
        : `This would delete ${list}. Nothing was changed; confirm to delete it permanently.`,
    also === null ? '' : `${confirmed ? 'Wrote' : 'It would write'} ${also} again without it.`,
    unknown.length === 0 ? '' : `Not found: ${unknown.slice(0, 20).join(', ')}.`,
    remaining.length === 0
      ? ''
      : `${counted(remaining.length, 'file')} in the data folder still ${remaining.length === 1 ? 'holds' : 'hold'} copies; delete files that you do not need.`,
  ];
  return {
    status: 'success',
    confirmed,
    message: message.filter((part) => part !== '').join(' '),
    pages: forgotten.pages.map((page) => ({
      page_id: page.id,
      timestamp: page.timestamp,
      excerpt: excerptOf(page),
    })),
    facts: forgotten.facts.map((fact) => ({ fact_id: fact.id, knowledge: fact.knowledge })),
    traits: forgotten.traits.map(traitKey),
    segments: segments.map(({ head }) => head.id),
    remaining: [...remaining],
  };
}

function counted(count: number, one: string, many = `${one}s`): string | null {
  return count === 0 ? null : `${count} ${count === 1 ? one : many}`;
}

function excerptOf(page: Page): string {
  const text = (page.user_input.trim() || page.agent_response.trim()).replace(/\s+/gu, ' ');
  const characters = [...text.slice(0, excerptCharacters * 2)];
  const cut = characters.slice(0, excerptCharacters).join('');
  return cut.length < text.length ? `${cut}…` : cut;
}
