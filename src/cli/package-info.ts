import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const described: { readonly version: string } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
);

/** The folder of the built browser pages. */
export function pagesFolder(): string {
  return fileURLToPath(new URL('../ui', import.meta.url));
}

/** The version of this package. */
export const version = described.version;
