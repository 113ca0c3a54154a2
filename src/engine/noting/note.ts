import { handOut, pagesToNote } from '../../analysis/by-host/hand-out.js';
import { draftsOf } from '../../analysis/by-host/noted-facts.js';
import { type Rejected, takeBack } from '../../analysis/by-host/take-back.js';
import { messageOf } from '../../model/errors.js';
import type { AssistantId } from '../../model/ids.js';
import { everyFact } from '../../model/knowledge.js';
import type { Operation } from '../../model/operation.js';
import type { Page } from '../../model/page.js';
import type { AddResult, ConsolidationResult } from '../../model/results.js';
import type { FactChecker } from '../../ports/analyser.js';
import type { ChatModel } from '../../ports/chat-model.js';
import type { Clock } from '../../ports/clock.js';
import type { Need, Slices, StoredMemory } from '../../ports/store.js';
import { commitNotes, isForgottenNote, type Notes, needOfNotes } from '../../tiers/noting.js';
import type { NotedFact } from '../memory-engine.js';
import type { EngineSettings } from '../settings.js';

/** Maximum time that an add waits for the check of its facts. */
const checkMsMax = 5_000;

export interface NotingParts {
  readonly store: StoredMemory;
  readonly builtinAnalyser: FactChecker;
  readonly chatModel: ChatModel | null;
  readonly clock: Clock;
  readonly settings: EngineSettings;
  readonly assistantId: AssistantId;
}

type FactsOfAdd = Required<Pick<AddResult, 'facts_stored' | 'facts_rejected'>>;

/**
 * Stores what the host noted about a stored page. Never throws: a fact that cannot be checked or stored is
 * rejected with its reason.
 */
export async function noteFacts(
  page: Page,
  facts: readonly NotedFact[],
  parts: NotingParts,
): Promise<FactsOfAdd> {
  try {
    const placed = facts.map((fact) => ({ ...fact, page }));
    const { drafts, refused } = await draftsOf(
      placed,
      parts.builtinAnalyser,
      AbortSignal.timeout(checkMsMax),
    );
    const { tombstones } = await parts.store.read({ tombstones: true });
    const kept = drafts.filter((draft) => !isForgottenNote(tombstones, draft));
    const gone = drafts
      .filter((draft) => isForgottenNote(tombstones, draft))
      .map(({ knowledge }) => ({ fact: knowledge, reason: 'was forgotten or corrected by the user' }));
    if (kept.length > 0) await commit({ facts: kept, traits: [], heads: [], pageIds: [] }, parts);
    return { facts_stored: kept.length, facts_rejected: [...refused, ...gone] };
  } catch (error) {
    const reason = `not stored: ${messageOf(error)}`;
    return {
      facts_stored: 0,
      facts_rejected: facts.map(({ fact }) => ({ fact: String(fact).slice(0, 120), reason })),
    };
  }
}

/** From this many waiting exchanges, the host is asked to consolidate. */
const muchToNote = 30;

/** A notice that asks the host to consolidate when many exchanges wait; usually empty. */
export function noticeToNote({ unanalysed }: Slices['counts']): string[] {
  return unanalysed < muchToNote
    ? []
    : [`${unanalysed} exchanges are not analysed. Call consolidate_memory when there is time.`];
}

/**
 * Stores the host's answer, if one is given, and hands out waiting exchanges. Throws INPUT_INVALID, STORE_….
 */
export async function consolidate(
  answer: string | undefined,
  parts: NotingParts,
): Promise<ConsolidationResult> {
  const { store, builtinAnalyser } = parts;
  const need = needOfNoting(parts);
  let taken: { readonly stored: Stored; readonly rejected: readonly Rejected[] } | undefined;
  if (answer !== undefined && answer.trim() !== '') {
    const known = await store.read({ ...need, heads: 'all', tombstones: true });
    const { notes, rejected } = await takeBack(answer, known, builtinAnalyser);
    const operations = await commit(notes, parts);
    taken = { stored: storedOf(notes, operations), rejected };
  }
  const left = await store.read(need);
  const waiting = pagesToNote(left.waiting);
  const handed = handOut(waiting, everyFact(left.facts));
  return {
    status: 'success',
    message: messageFor(taken?.stored, waiting.length, handed.pages.length),
    waiting: waiting.length,
    pages: [...handed.pages],
    known_facts: [...handed.known_facts],
    answer_with: handed.answer_with,
    ...(taken === undefined ? {} : { stored: taken.stored, rejected: [...taken.rejected] }),
  };
}

type Stored = NonNullable<ConsolidationResult['stored']>;

function storedOf(notes: Notes, operations: readonly Operation[]): Stored {
  const count = (op: Operation['op']) => operations.filter((operation) => operation.op === op).length;
  return {
    pages: operations.flatMap((operation) => (operation.op === 'pages_noted' ? operation.page_ids : []))
      .length,
    facts: notes.facts.length,
    changes: notes.facts.filter(({ change }) => change === 'supersedes').length,
    traits: count('trait_put'),
    topics: count('segment_put'),
  };
}

function messageFor(stored: Stored | undefined, waiting: number, handed: number): string {
  const kept = stored === undefined ? '' : `Stored facts: ${stored.facts}, traits: ${stored.traits}. `;
  if (handed === 0) return `${kept}Nothing waits.`;
  return `${kept}Waiting exchanges: ${waiting}, in this answer: ${handed}. Follow the instructions in answer_with.`;
}

async function commit(notes: Notes, parts: NotingParts): Promise<readonly Operation[]> {
  const { store, settings, clock } = parts;
  return store.transact(needOfNotes(notes), (known) =>
    commitNotes(known, notes, settings.knowledgeCapacityFacts, clock.now()),
  );
}

/** A model's analysis counts like the host's own; that of the built-in rules does not. */
function needOfNoting({ chatModel, assistantId }: NotingParts) {
  return {
    waiting: chatModel === null ? 'notNoted' : 'notAnalysed',
    facts: [null, assistantId],
  } as const satisfies Need;
}
