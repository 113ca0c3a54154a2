import type { Caller } from './callers.js';
import { dialogue } from './dialogue.js';
import type { Figures } from './figures.js';

/** One user retrieves and then adds, repeatedly until a time; `thinkMs`: the pause after each exchange. */
export async function converse(
  caller: Caller,
  seed: number,
  untilMs: number,
  figures: Figures,
  thinkMs = 0,
): Promise<void> {
  const next = dialogue(seed);
  while (Date.now() < untilMs) {
    const { question, said, answered } = next();
    await figures.time('retrieve', () => caller.call('retrieve_memory', { query: question }));
    await figures.time('add', () =>
      caller.call('add_memory', { user_input: said, agent_response: answered }),
    );
    if (thinkMs > 0) await new Promise((resolve) => setTimeout(resolve, thinkMs));
  }
}
