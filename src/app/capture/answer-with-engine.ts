import { hooksFolder } from '../../capture/door/door.js';
import { hookAdapters } from '../../capture/hooks/adapters.js';
import { answerHook } from '../../capture/hooks/answer-hook.js';
import type { HookPlace } from '../../capture/hooks/moment.js';
import { SessionNotes } from '../../capture/hooks/session-notes.js';
import type { MemoryEngine } from '../../engine/memory-engine.js';
import { MemoryError } from '../../model/errors.js';
import { EngineHookMemory } from './engine-hook-memory.js';

export interface HookQuestion {
  readonly client: string;
  /** The JSON a client writes to the hook's standard input. */
  readonly event: string;
  readonly project: string | null;
}

/**
 * What a hook prints for an event. Opens the memory only for events that concern it. Throws INPUT_INVALID for an
 * unknown client or what is no event, and what the memory throws.
 */
export async function answerWithEngine(
  question: HookQuestion,
  engine: () => Promise<MemoryEngine>,
  { dataDir, place, nowMs }: { dataDir: string; place: HookPlace; nowMs: number },
): Promise<string> {
  const adapter = hookAdapters.get(question.client);
  if (adapter === undefined) {
    throw new MemoryError(
      'INPUT_INVALID',
      `There is no hook for ${JSON.stringify(question.client.slice(0, 40))}. There are hooks for ${[...hookAdapters.keys()].join(', ')}.`,
    );
  }
  const event = eventFrom(question.event);
  let memory: EngineHookMemory | null = null;
  const opened = async () => {
    memory ??= new EngineHookMemory(await engine());
    return memory;
  };
  return answerHook(adapter, event, {
    memory: {
      opening: async (asked) => (await opened()).opening(asked),
      fitting: async (asked) => (await opened()).fitting(asked),
      store: async (exchanges) => {
        if (exchanges.length > 0) await (await opened()).store(exchanges);
      },
    },
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
        ? 'Nothing came over standard input; a client writes its event there as JSON.'
        : 'What came over standard input is not JSON.',
    );
  }
}
