/**
 * After `tsc`, which writes modules and declarations into `build`: makes one declaration file for the export of the
 * package, packs the modules into few files, and makes the command executable. What is in `dist` is the package.
 */
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const built = path.join(root, 'build');
const dist = path.join(root, 'dist');
/** Made by Vite. */
const pages = ['ui', 'ui-chat'];

/** Dependencies with many modules are packed, too. Of zod, most modules are messages in languages not used here. */
const packed = [
  'zod',
  '@modelcontextprotocol/server',
  '@modelcontextprotocol/client',
  '@modelcontextprotocol/core',
  'eventsource',
  'eventsource-parser',
  'pkce-challenge',
  'yaml',
];
/** The same as the modules that Node would take, in a form that can be packed. */
const alias = { yaml: path.join(root, 'node_modules/yaml/browser/index.js') };

/** Other programs and threads start these files, so their names stay. */
const entries = [
  'index',
  'cli/main',
  'cli/run',
  'cli/settings',
  'analysis/builtin/thread',
  'retrieval/meaning/thread',
  'app/check-thread',
];

mkdirSync(dist, { recursive: true });
makeDeclarations();
for (const name of readdirSync(dist)) {
  if (!pages.includes(name) && name !== 'index.d.ts') rmSync(path.join(dist, name), { recursive: true });
}
const inputs = [
  // A client waits for the process of a hook, so its code is not mixed with other code.
  ...(await pack(['cli/hook'], 'hook-part', { name: /^\.\/settings\.js$/, file: '../cli/settings.js' })),
  ...(await pack(entries, 'part', { name: /^\.{1,2}\/hook\.js$/, file: '../cli/hook.js' })),
];
writeFileSync(path.join(dist, 'LICENSES.txt'), licences(inputs));
chmodSync(path.join(dist, 'cli', 'main.js'), 0o755);

function makeDeclarations() {
  const bundled = path.join(root, 'dist-types.d.ts');
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: path.join(built, 'index.d.ts'),
      compiler: { tsconfigFilePath: path.join(root, 'tsconfig.build.json') },
      apiReport: { enabled: false, reportFileName: 'unused.api.md' },
      docModel: { enabled: false },
      dtsRollup: { enabled: true, untrimmedFilePath: bundled },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: 'error' } },
        extractorMessageReporting: { default: { logLevel: 'none' } },
        tsdocMessageReporting: { default: { logLevel: 'none' } },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: path.join(root, 'package.json'),
  });
  const { succeeded } = Extractor.invoke(config, {
    localBuild: true,
    messageCallback: (message) => {
      if (message.logLevel === 'none' || message.logLevel === 'verbose') message.handled = true;
    },
  });
  if (!succeeded) process.exit(1);
  renameSync(bundled, path.join(dist, 'index.d.ts'));
}

/**
 * Packs modules and everything they load into few files, which load faster than hundreds. `outside` is loaded from its
 * own file. Returns the files that were packed.
 */
async function pack(names, part, outside) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(names.map((name) => [name, path.join(built, `${name}.js`)])),
    outdir: dist,
    bundle: true,
    alias,
    splitting: true,
    // As deep as the entries of the command line, so that relative paths fit both.
    chunkNames: `parts/${part}-[hash]`,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    plugins: [
      {
        name: 'outside',
        setup(bundler) {
          bundler.onResolve({ filter: outside.name }, ({ kind }) =>
            kind === 'dynamic-import' ? { path: outside.file, external: true } : null,
          );
          bundler.onResolve({ filter: /^[^./]/ }, ({ path: name }) =>
            path.isAbsolute(name) || packed.some((one) => name === one || name.startsWith(`${one}/`))
              ? null
              : { path: name, external: true },
          );
          // Error messages are in English.
          bundler.onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
            contents: "export { default as en } from './en.js';",
          }));
        },
      },
    ],
  });
  return Object.keys(metafile.inputs);
}

/** The licences of the packed dependencies. */
function licences(files) {
  const folders = new Set(
    files.flatMap((file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []),
  );
  return [...folders]
    .sort()
    .map((folder) => {
      const own = path.join(root, folder);
      const { name, version } = JSON.parse(readFileSync(path.join(own, 'package.json'), 'utf8'));
      const file = readdirSync(own).find((entry) => /^licen[cs]e/i.test(entry));
      if (file === undefined) throw new Error(`${name} has no licence file`);
      return `${name} ${version}\n\n${readFileSync(path.join(own, file), 'utf8').trim()}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}
