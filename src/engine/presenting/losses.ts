import type { Loss } from '../../model/operation.js';
import type { StoreNotice } from '../../ports/store.js';

/** A loss as a notice in answers and in the log. */
export function lossText({ at, message }: Loss): string {
  return `Data was lost: ${message} (Found on ${at.slice(0, 10)}; "memoryos-mcp doctor --accept" ends this notice.)`;
}

/** The notices of opening that are not recorded as losses, each message once. */
export function otherNotices(notices: readonly StoreNotice[], losses: readonly Loss[]): string[] {
  const known = new Set(losses.map(({ message }) => message));
  return [...new Set(notices.map(({ message }) => message))].filter((message) => !known.has(message));
}
