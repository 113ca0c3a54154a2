import { heldStore } from '../adapters/held/held-memory.js';
import { createInMemoryStore } from '../adapters/in-memory/in-memory-store.js';
import { type MemoryParts, UserMemory } from '../engine/user-memory.js';
import { toUserId } from '../model/ids.js';
import { MemoryRetriever } from '../retrieval/memory-retriever.js';

const nobody = toUserId('nobody');

/**
 * Adds an exchange to a temporary memory and asks it a question, so that the code of both is compiled and the tables
 * of a question's language are built. Asks no endpoint.
 */
export async function warmUp(parts: Omit<MemoryParts, 'store' | 'openRetriever'>): Promise<void> {
  const store = await heldStore(createInMemoryStore()).open(nobody);
  const { warm } = parts.meaningReader ?? {};
  const memory = new UserMemory({
    ...parts,
    chatModel: null,
    meaningReader: warm === undefined ? null : parts.meaningReader,
    settings: { ...parts.settings, worksInBackground: false },
    store,
    openRetriever: (given) => new MemoryRetriever({ ...given, store: store.held }),
  });
  try {
    await memory.add({ userInput: 'We moved to Lisbon last week.', agentResponse: 'How is the new flat?' });
    // Regular expressions are compiled to machine code at their second use.
    await memory.retrieve({ query: 'Where did we move last week?' });
    await memory.retrieve({ query: 'Which flat is new?' });
  } finally {
    await memory.close();
  }
}
