import { readFileSync } from 'node:fs';
import { packageFile } from '../lib/io/package-files.js';

const described: { readonly version: string } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8'));

/** The folder of the built browser pages. */
export function pagesFolder(): string {
  return packageFile('dist/ui');
}

/** The version of this package. */
export const version = described.version;
