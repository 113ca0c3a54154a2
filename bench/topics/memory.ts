import { createBuiltinAnalyser } from '../../src/analysis/builtin/builtin-analyser.js';
import type { LocomoConversation } from '../../src/cli/demo/locomo.js';
import { applyOperation } from '../../src/model/apply-operation.js';
import { newPageId, type PageId, toAssistantId } from '../../src/model/ids.js';
import { emptyState, type UserState } from '../../src/model/user-state.js';
import { createBuiltinEmbedder } from '../../src/retrieval/builtin-embedder.js';
import { nextBatch } from '../../src/tiers/queue.js';
import {
  commitMigration,
  needOfMigration,
  needOfMigrationCommit,
  planMigration,
} from '../../src/tiers/short-to-mid.js';
import { slices } from '../../tests/support/on-store.js';

const capacityPages = 10;
const similarityMin = 0.6;
const analyser = createBuiltinAnalyser();
const embedder = createBuiltinEmbedder();

export interface Filed {
  readonly state: UserState;
  /** The place of each page in the conversation. */
  readonly at: ReadonlyMap<PageId, number>;
}

/** Migrates a conversation into mid-term memory with default settings, without a store. */
export async function fileConversation(conversation: LocomoConversation): Promise<Filed> {
  const state = emptyState();
  const at = new Map<PageId, number>();
  const vectors = new Map<string, { readonly summary: string; readonly vector: Float32Array }>();
  const context = {
    analyser,
    embedder,
    vectorOf: (id: string) => vectors.get(id)?.vector,
    similarityMin,
    signal: new AbortController().signal,
  };
  const assistant_id = toAssistantId('default_assistant_profile');

  async function migrate(drain: boolean): Promise<void> {
    for (
      let batch = nextBatch(state.shortTerm, state.shortTerm.length, capacityPages, drain);
      batch !== null;
      batch = nextBatch(state.shortTerm, state.shortTerm.length, capacityPages, drain)
    ) {
      const nowMs = Date.parse(batch[batch.length - 1]?.timestamp ?? '');
      const plan = await planMigration(slices(state, needOfMigration), batch, context);
      for (const operation of commitMigration(
        slices(state, needOfMigrationCommit(plan)),
        plan,
        context,
        nowMs,
      ))
        applyOperation(state, operation);
      // As in the index, the vector of a segment is that of its present summary.
      for (const { head } of state.segments.values()) {
        if (vectors.get(head.id)?.summary === head.summary) continue;
        const [vector = new Float32Array()] = await embedder.embed([head.summary]);
        vectors.set(head.id, { summary: head.summary, vector });
      }
    }
  }

  for (const [order, told] of conversation.pages.entries()) {
    const id = newPageId(Date.parse(told.timestamp) + order);
    at.set(id, order);
    const page = {
      id,
      user_input: told.user_input,
      agent_response: told.agent_response,
      timestamp: told.timestamp,
      meta_data: {},
      assistant_id,
      chain_id: null,
      meta_info: '',
      analysed: false,
      read: false,
    };
    applyOperation(state, { op: 'page_added', page, segment_id: null });
    await migrate(false);
  }
  await migrate(true);
  return { state, at };
}
