import { createBuiltinAnalyser } from '../../src/analysis/builtin/builtin-analyser.js';
import { applyOperation } from '../../src/model/apply-operation.js';
import { newPageId, toAssistantId } from '../../src/model/ids.js';
import type { Fact } from '../../src/model/knowledge.js';
import type { Page } from '../../src/model/page.js';
import { emptyState } from '../../src/model/user-state.js';
import { commitReading, needOfReading, needOfReadingCommit, planReading } from '../../src/tiers/reading.js';
import { slices } from '../../tests/support/on-store.js';

const analyser = createBuiltinAnalyser();
const assistant = toAssistantId('default_assistant_profile');

export interface Turn {
  readonly userInput: string;
  readonly agentResponse: string;
  readonly timestamp: string;
}

/** The facts after these turns, read as by the tiers but without a store. */
export async function factsAfter(
  turns: readonly Turn[],
  capacityFacts = 100,
  batch = 1,
): Promise<readonly Fact[]> {
  const state = emptyState();
  const pages = turns.map((turn, i) => pageOf(turn, i));
  for (const page of pages) applyOperation(state, { op: 'page_added', page, segment_id: null });
  for (let at = 0; at < pages.length; at += batch) {
    const [first, ...rest] = pages.slice(at, at + batch);
    if (first === undefined) break;
    const plan = await planReading(
      slices(state, needOfReading([first, ...rest])),
      [first, ...rest],
      analyser,
      new AbortController().signal,
    );
    for (const operation of commitReading(
      slices(state, needOfReadingCommit(plan)),
      plan,
      capacityFacts,
      Date.parse(first.timestamp) + at,
    )) {
      applyOperation(state, operation);
    }
  }
  return state.userKnowledge;
}

function pageOf(turn: Turn, order: number): Page {
  return {
    id: newPageId(Date.parse(turn.timestamp) + order),
    user_input: turn.userInput,
    agent_response: turn.agentResponse,
    timestamp: turn.timestamp,
    meta_data: {},
    assistant_id: assistant,
    chain_id: null,
    meta_info: '',
    analysed: false,
    read: false,
  };
}
