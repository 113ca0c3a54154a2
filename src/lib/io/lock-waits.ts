import { channel } from 'node:diagnostics_channel';

const waits = channel('memoryos-mcp:lock-wait');

/** Reports how long a transaction waited for its lock. Costs nothing when there is no listener. */
export function noteLockWait(waitedMs: number): void {
  if (waits.hasSubscribers) waits.publish(waitedMs);
}

/**
 * Calls the listener with every lock wait of this process, in milliseconds. Returns a function that
 * unsubscribes.
 */
export function onLockWait(listener: (waitedMs: number) => void): () => void {
  const heard = (waitedMs: unknown) => {
    if (typeof waitedMs === 'number') listener(waitedMs);
  };
  waits.subscribe(heard);
  return () => {
    waits.unsubscribe(heard);
  };
}
