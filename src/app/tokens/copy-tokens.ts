import type { TokenRecords } from './tokens.js';

/**
 * Copies access tokens that the target does not have, and revokes revoked ones there. A token revoked at the target
 * stays revoked. Tokens of version 1, whose hash only files keep, are left out and counted in `old`.
 */
export async function copyTokens(
  source: TokenRecords,
  target: TokenRecords,
  dryRun: boolean,
): Promise<{ readonly copied: number; readonly old: number }> {
  const there = new Map((await target.all()).map((file) => [file.token_id, file]));
  const files = await source.all();
  const current = files.filter((file) => file.schema_version === 2);
  const missing = current.filter((file) => {
    const known = there.get(file.token_id);
    return known === undefined || (known.revoked_at === null && file.revoked_at !== null);
  });
  for (const file of dryRun ? [] : missing) await target.write(file);
  return { copied: missing.length, old: files.length - current.length };
}
