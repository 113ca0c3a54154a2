import { hookAdapters } from '../../capture/hooks/adapters.js';
import { answerHook } from '../../capture/hooks/answer-hook.js';
import type { HookMemory } from '../../capture/hooks/hook-memory.js';
import type { HookPlace } from '../../capture/hooks/moment.js';
import { SessionNotes } from '../../capture/hooks/session-notes.js';
import { hooksFolder } from '../../capture/socket/hook-socket.js';
import { MemoryError } from '../../model/errors.js';

export interface HookQuestion {
  readonly client: string;
  /** The JSON a client writes to the hook's standard input. */
  readonly event: string;
  readonly project: string | null;
}

export interface HookSurroundings {
  readonly dataDir: string;
  readonly place: HookPlace;
  readonly nowMs: number;
}

/**
 * Returns what a hook prints for an event. Throws INPUT_INVALID for an unknown client or an invalid event,
 * and errors of the memory.
 */
export async function answerQuestion(
  question: HookQuestion,
  memory: HookMemory,
  { dataDir, place, nowMs }: HookSurroundings,
): Promise<string> {
  const adapter = hookAdapters.get(question.client);
  if (adapter === undefined) {
    throw new MemoryError(
      'INPUT_INVALID',
      `There is no hook for ${JSON.stringify(question.client.slice(0, 40))}. There are hooks for ${[...hookAdapters.keys()].join(', ')}.`,
    );
  }
  return answerHook(adapter, eventFrom(question.event), {
    memory,
    notes: new SessionNotes(hooksFolder(dataDir)),
    place,
    project: question.project,
    nowMs,
  });
}

function eventFrom(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new MemoryError(
      'INPUT_INVALID',
      text.trim() === ''
        ? 'Standard input is empty; a client writes its event there as JSON.'
        : 'Standard input is not JSON.',
    );
  }
}
