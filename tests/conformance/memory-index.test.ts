import { createInMemoryStore } from '../../src/adapters/in-memory/in-memory-store.js';
import { toUserId } from '../../src/model/ids.js';
import { indexOverState } from '../support/index-over-state.js';
import { stored } from '../support/on-store.js';
import { describeMemoryIndex } from './memory-index.js';

describeMemoryIndex('over a state', async (readTerms) => {
  const held = await createInMemoryStore().open(toUserId('alice'));
  return { memory: stored(held), index: indexOverState(held, readTerms), dispose: () => held.close() };
});
