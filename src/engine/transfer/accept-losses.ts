import type { Loss } from '../../model/operation.js';
import type { StoredMemory } from '../../ports/store.js';

/**
 * Records that a person knows of the losses; they are no longer reported. Returns the accepted losses. Throws
 * STORE_….
 */
export async function acceptLosses(store: StoredMemory): Promise<readonly Loss[]> {
  let accepted: readonly Loss[] = [];
  await store.transact({ losses: true }, ({ losses }) => {
    accepted = [...losses];
    return losses.length === 0 ? [] : [{ op: 'losses_accepted' }];
  });
  return accepted;
}
