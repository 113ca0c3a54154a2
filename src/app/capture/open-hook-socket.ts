import { homedir } from 'node:os';
import { HookSocketServer } from '../../capture/socket/hook-socket-server.js';
import type { MemoryEngine } from '../../engine/memory-engine.js';
import { messageOf } from '../../model/errors.js';
import type { Reporter } from '../../ports/reporter.js';
import { answerQuestion } from './answer-question.js';
import { EngineHookMemory } from './engine-hook-memory.js';

export interface HookSocketPlace {
  readonly dataDir: string;
  readonly userId: string;
  /** From the configuration. A project named by the hook takes precedence. */
  readonly project: string | null;
}

/**
 * Lets hooks on this machine query a running server about one user's memory. Returns a function that closes
 * the socket. A failure is reported; hooks then open the memory themselves.
 */
export async function openHookSocket(
  { dataDir, userId, project }: HookSocketPlace,
  engine: () => Promise<MemoryEngine>,
  report: Reporter,
): Promise<() => Promise<void>> {
  const memory = new EngineHookMemory(engine);
  const server = new HookSocketServer({
    dataDir,
    userId,
    answer: (question) =>
      answerQuestion({ ...question, project: question.project ?? project }, memory, {
        dataDir,
        place: { home: homedir(), env: process.env },
        nowMs: Date.now(),
      }),
    report: (message) => report('warning', message),
  });
  try {
    await server.open();
  } catch (error) {
    report(
      'warning',
      `Hooks cannot reach this server: ${messageOf(error)}. They open the memory themselves.`,
    );
  }
  return () => server.close();
}
