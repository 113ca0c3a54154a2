import { createHash } from 'node:crypto';
import type { UserId } from '../model/ids.js';

/** How a user is named in the log: the same for the same user, no name. A pseudonym, not anonymity. */
export function userHash(userId: UserId): string {
  return createHash('sha256').update(`memoryos-mcp user ${userId}`).digest('hex').slice(0, 12);
}
