import { plainSentence } from '../../analysis/checks/clean-text.js';
import type { ChangeSource, LoggedChange } from '../../model/change-log.js';
import { MemoryError } from '../../model/errors.js';
import { type AssistantId, newFactId } from '../../model/ids.js';
import { everyFact, type Fact, factsAbout, type KnownFacts } from '../../model/knowledge.js';
import type { Operation } from '../../model/operation.js';
import type { UpdateResult } from '../../model/results.js';
import { tombstoneKey, tombstoneOfStatement } from '../../model/tombstones.js';
import type { Clock } from '../../ports/clock.js';
import type { StoredMemory } from '../../ports/store.js';
import { leavingFor } from '../../tiers/knowledge.js';
import type { UpdateInput } from '../memory-engine.js';
import { instantFrom } from '../page-input.js';
import { shownFact } from '../presenting/shown-records.js';
import type { EngineSettings } from '../settings.js';

const knowledgeCharactersMax = 400;
/** Pinned facts are part of every answer, so their number is limited. */
const pinnedMax = 20;

/** The value of `analysed_by` for facts that a person added or corrected. */
const byHand = 'user';

export interface UpdateParts {
  readonly store: StoredMemory;
  readonly clock: Clock;
  readonly assistantId: AssistantId;
  readonly settings: EngineSettings;
}

interface Edit {
  readonly operations: readonly Operation[];
  readonly fact: Fact;
  readonly before: string | null;
  readonly message: string;
}

/**
 * Corrects, pins or adds a fact, and logs the change. Throws INPUT_INVALID, NOT_FOUND, CONFLICT (the fact has
 * been superseded, or another one says the same), STORE_….
 */
export async function update(input: UpdateInput, parts: UpdateParts): Promise<UpdateResult> {
  const wanted = checked(input);
  const nowMs = parts.clock.now();
  const freshKey = tombstoneKey(new Map());
  let edit: Edit | undefined;
  await parts.store.transact({ facts: 'all', tombstones: true }, ({ facts, tombstones }) => {
    const key = tombstones.size === 0 ? freshKey : tombstoneKey(tombstones);
    edit =
      input.factId === undefined
        ? adding(facts, wanted, parts, nowMs)
        : editing(facts, { ...wanted, factId: input.factId }, parts, nowMs, key);
    return edit.operations;
  });
  if (edit === undefined) throw new MemoryError('STORE_IO', 'The change was not stored. Try again.');
  return { status: 'success', message: edit.message, fact: shownFact(edit.fact), before: edit.before };
}

interface Wanted {
  readonly knowledge: string | undefined;
  readonly seen: string | undefined;
  readonly timestamp: string | undefined;
  readonly pinned: boolean | undefined;
  readonly about: 'user' | 'assistant';
  readonly by: ChangeSource;
}

function checked(input: UpdateInput): Wanted {
  const knowledge = input.knowledge === undefined ? undefined : plainSentence(input.knowledge);
  if (knowledge === '') throw invalid('The fact is empty. Write it as one sentence.');
  if (knowledge !== undefined && knowledge.length > knowledgeCharactersMax) {
    throw invalid(
      `The fact has ${knowledge.length} characters; at most ${knowledgeCharactersMax} are allowed. Write it as one sentence, or as several facts.`,
    );
  }
  if (input.factId === undefined && knowledge === undefined) {
    throw invalid('Give the fact_id of the fact to change, or the text of the fact to add.');
  }
  if (knowledge === undefined && input.pinned === undefined && input.timestamp === undefined) {
    throw invalid('Give what to change: the text of the fact, its time, or whether it is pinned.');
  }
  if (input.factId !== undefined && input.about !== undefined) {
    throw invalid('The subject of a fact ("about") cannot be changed. Forget the fact and add another one.');
  }
  const at = input.timestamp === undefined ? undefined : instantFrom(input.timestamp, 'timestamp');
  return {
    knowledge,
    timestamp: at === undefined ? undefined : new Date(at).toISOString(),
    seen: input.seen,
    pinned: input.pinned,
    about: input.about ?? 'user',
    by: input.by ?? 'library',
  };
}

function adding(known: KnownFacts, wanted: Wanted, parts: UpdateParts, nowMs: number): Edit {
  const owner = wanted.about === 'user' ? null : parts.assistantId;
  const facts = factsAbout(known, owner);
  const knowledge = wanted.knowledge ?? '';
  refuseTwin(facts, knowledge, null);
  if (wanted.pinned === true) refuseManyPins(known);
  const at = new Date(nowMs).toISOString();
  const fact: Fact = {
    id: newFactId(nowMs),
    assistant_id: owner,
    knowledge,
    timestamp: wanted.timestamp ?? at,
    page_ids: [],
    recorded_at: at,
    told_at: at,
    quote: null,
    slot: null,
    superseded_by: null,
    analysed_by: byHand,
    ...(wanted.pinned === true ? { pinned: true } : {}),
  };
  const leaving = leavingFor([...facts, fact], parts.settings.knowledgeCapacityFacts).filter(
    ({ id }) => id !== fact.id,
  );
  return {
    fact,
    before: null,
    message: `Added${wanted.pinned === true ? ' and pinned' : ''}.`,
    operations: [
      { op: 'fact_put', fact },
      ...leaving.map(
        ({ id, assistant_id }): Operation => ({
          op: 'fact_removed',
          fact_id: id,
          assistant_id,
          reason: 'capacity',
        }),
      ),
      logged('added', fact, null, { at, by: wanted.by, assistant_id: parts.assistantId }),
    ],
  };
}

function editing(
  known: KnownFacts,
  wanted: Wanted & { readonly factId: Fact['id'] },
  parts: UpdateParts,
  nowMs: number,
  key: string,
): Edit {
  const facts = [...factsAbout(known, null), ...factsAbout(known, parts.assistantId)];
  const before = facts.find((fact) => fact.id === wanted.factId);
  if (before === undefined) {
    throw new MemoryError(
      'NOT_FOUND',
      `There is no fact ${wanted.factId}. get_user_profile, retrieve_memory and "memoryos-mcp inspect" show the ids.`,
    );
  }
  if (before.superseded_by !== null) throw superseded(before, facts);
  if (wanted.seen !== undefined && wanted.seen !== before.knowledge) {
    throw new MemoryError(
      'CONFLICT',
      `The fact was changed meanwhile. Its text is now: "${before.knowledge}" Nothing was changed.`,
    );
  }
  const at = new Date(nowMs).toISOString();
  const isCorrected = wanted.knowledge !== undefined && wanted.knowledge !== before.knowledge;
  const isMoved = wanted.timestamp !== undefined && wanted.timestamp !== before.timestamp;
  const isPinned = before.pinned === true;
  const willPin = wanted.pinned ?? isPinned;
  if (isCorrected) refuseTwin(factsAbout(known, before.assistant_id), wanted.knowledge ?? '', before);
  if (willPin && !isPinned) refuseManyPins(known);
  const { pinned: _, ...bare } = before;
  const fact: Fact = {
    ...bare,
    knowledge: wanted.knowledge ?? before.knowledge,
    timestamp: wanted.timestamp ?? before.timestamp,
    ...(isCorrected ? { analysed_by: byHand, recorded_at: at, told_at: at, quote: null } : {}),
    ...(willPin ? { pinned: true } : {}),
  };
  const about = { at, by: wanted.by, assistant_id: parts.assistantId };
  const done = [
    ...(isCorrected || isMoved ? (['edited'] as const) : []),
    ...(willPin === isPinned ? [] : ([willPin ? 'pinned' : 'unpinned'] as const)),
  ];
  const operations: Operation[] = [
    { op: 'fact_put', fact },
    ...(isCorrected ? tombstoneOfStatement(key, before.knowledge, about.at) : []),
    ...done.map((action) => logged(action, fact, before, about)),
  ];
  return {
    fact,
    before: before.knowledge,
    message:
      done.length === 0
        ? 'The fact already has this content; nothing was changed.'
        : `The fact was ${done.join(' and ')}.`,
    operations: done.length === 0 ? [] : operations,
  };
}

/** Refuses a second current fact with the same text about the same project, because it would have to be corrected twice. */
function refuseTwin(facts: readonly Fact[], knowledge: string, but: Fact | null): void {
  const plain = (text: string) => text.toLowerCase().replace(/[\s.!]+$/u, '');
  const twin = facts.find(
    (fact) =>
      fact !== but &&
      fact.project === but?.project &&
      fact.superseded_by === null &&
      plain(fact.knowledge) === plain(knowledge),
  );
  if (twin === undefined) return;
  throw new MemoryError(
    'CONFLICT',
    `Fact ${twin.id} already says this. Change or forget that one. Nothing was changed.`,
  );
}

function refuseManyPins(known: KnownFacts): void {
  const pinned = everyFact(known).filter((fact) => fact.pinned === true && fact.superseded_by === null);
  if (pinned.length < pinnedMax) return;
  throw invalid(
    `${pinned.length} facts are pinned, and at most ${pinnedMax} can be, because each is part of every answer. Unpin one first.`,
  );
}

/** The error for a superseded fact; it names the fact to correct instead. */
function superseded(fact: Fact, facts: readonly Fact[]): MemoryError {
  const next = facts.find(({ id }) => id === fact.superseded_by);
  return new MemoryError(
    'CONFLICT',
    `Fact ${fact.id} was superseded by ${next === undefined ? 'a later fact' : `fact ${next.id} ("${next.knowledge}")`}. Change that one. Nothing was changed.`,
  );
}

function logged(
  action: LoggedChange['action'],
  fact: Fact,
  before: Fact | null,
  about: Pick<LoggedChange, 'at' | 'by' | 'assistant_id'>,
): Operation {
  return {
    op: 'change_logged',
    change: {
      ...about,
      action,
      fact_id: fact.id,
      before: before?.knowledge ?? null,
      after: fact.knowledge,
      forgotten: null,
    },
  };
}

function invalid(message: string): MemoryError {
  return new MemoryError('INPUT_INVALID', message);
}
