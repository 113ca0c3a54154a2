import { createHash } from 'node:crypto';
import type { UserId } from '../model/ids.js';

/**
 * A pseudonym for a user in the log: always the same for the same user. It does not make the user anonymous.
 */
export function userHash(userId: UserId): string {
  return createHash('sha256').update(`memoryos-mcp user ${userId}`).digest('hex').slice(0, 12);
}
