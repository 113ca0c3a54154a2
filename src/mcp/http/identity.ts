import type { UserId } from '../../model/ids.js';

export const allScopes = ['memory:read', 'memory:write'] as const;
export type Scope = (typeof allScopes)[number];

/** The sender of a request. */
export interface Identity {
  /** Equal for equal tokens or subjects. Sessions and limits belong to it. */
  readonly key: string;
  readonly kind: 'local' | 'token' | 'oauth';
  readonly userId: UserId;
  readonly scopes: ReadonlySet<Scope>;
  /** Null for this server's own tokens and for access without a token. */
  readonly expiresAtMs: number | null;
  /** Id of this server's own token; otherwise null. */
  readonly tokenId: string | null;
}
