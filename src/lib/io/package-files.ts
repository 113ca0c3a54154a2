import { existsSync, readFileSync } from 'node:fs';
import nodeModule from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const packageName = 'memoryos-mcp';

// Called as a property, because webpack replaces a named import of it by code that finds only bundled modules.
const createRequire = (from: string | URL) => nodeModule.createRequire(from);

/** Undefined when a bundler turned this module into CommonJS. */
const here: string | undefined = import.meta.url;

let root: string | undefined;

/**
 * Absolute path of a file of this package, such as `assets/demo-conversation.json`. Also works when a bundler
 * moved the code into another program's file, if the package is installed beside that program. Otherwise
 * throws an Error that says what to do.
 */
export function packageFile(name: string): string {
  root ??= packageRoot();
  return path.join(root, ...name.split('/'));
}

/** Loads a dependency of this package on demand, like CommonJS `require`. */
export function packageRequire(): NodeJS.Require {
  return createRequire(packageFile('package.json'));
}

function packageRoot(): string {
  // The working directory is not searched, because its content is not trusted.
  const starts = [here === undefined ? undefined : fileURLToPath(here), process.argv[1]]
    .filter((file) => file !== undefined)
    .map((file) => path.dirname(file));
  for (const start of starts) {
    const found = enclosingPackage(start) ?? installedPackage(start);
    if (found !== null) return found;
  }
  throw new Error(
    `The files of ${packageName} were not found from ${starts.join(' or ')}. Install ${packageName} beside the ` +
      'bundled program, or keep it external in the bundler.',
  );
}

function enclosingPackage(start: string): string | null {
  for (let folder = start; ; folder = path.dirname(folder)) {
    const file = path.join(folder, 'package.json');
    if (existsSync(file) && isThisPackage(file)) return folder;
    if (folder === path.dirname(folder)) return null;
  }
}

function installedPackage(start: string): string | null {
  try {
    const from = createRequire(pathToFileURL(path.join(start, 'any.js')));
    return path.dirname(from.resolve(`${packageName}/package.json`));
  } catch {
    return null;
  }
}

function isThisPackage(file: string): boolean {
  const described: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return (
    typeof described === 'object' &&
    described !== null &&
    'name' in described &&
    described.name === packageName
  );
}
