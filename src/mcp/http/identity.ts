import type { UserId } from '../../model/ids.js';

export const allScopes = ['memory:read', 'memory:write'] as const;
export type Scope = (typeof allScopes)[number];

/** Who sends a request. */
export interface Identity {
  /** The same for the same token or subject: what sessions and limits belong to. */
  readonly key: string;
  readonly kind: 'local' | 'token' | 'oauth';
  readonly userId: UserId;
  readonly scopes: ReadonlySet<Scope>;
  /** Null: one of our tokens, or nobody had to show anything. */
  readonly expiresAtMs: number | null;
  /** Of our own tokens. */
  readonly tokenId: string | null;
}
