import { channel } from 'node:diagnostics_channel';

const waits = channel('memoryos-mcp:lock-wait');

/** Tells whoever listens how long a transaction has waited for its lock. Costs nothing when nobody does. */
export function noteLockWait(waitedMs: number): void {
  if (waits.hasSubscribers) waits.publish(waitedMs);
}

/** Calls back with every wait of this process, in milliseconds. Returns a canceller. */
export function onLockWait(listener: (waitedMs: number) => void): () => void {
  const heard = (waitedMs: unknown) => {
    if (typeof waitedMs === 'number') listener(waitedMs);
  };
  waits.subscribe(heard);
  return () => {
    waits.unsubscribe(heard);
  };
}
