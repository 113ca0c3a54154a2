import type { Loss } from '../../model/operation.js';
import type { StoredMemory } from '../../ports/store.js';

/** Notes that a person knows of what was lost: it is not told any more. Returns what was accepted. Throws STORE_…. */
export async function acceptLosses(store: StoredMemory): Promise<readonly Loss[]> {
  let accepted: readonly Loss[] = [];
  await store.transact({ losses: true }, ({ losses }) => {
    accepted = [...losses];
    return losses.length === 0 ? [] : [{ op: 'losses_accepted' }];
  });
  return accepted;
}
