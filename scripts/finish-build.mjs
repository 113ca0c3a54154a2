/**
 * After `tsc`: makes one declaration file for the export of the package, packs the hooks into few files, and makes
 * the command executable.
 */
import { chmodSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = path.join(root, 'dist');
const bundled = path.join(root, 'dist-types.d.ts');

const config = ExtractorConfig.prepare({
  configObject: {
    projectFolder: root,
    mainEntryPointFilePath: path.join(dist, 'index.d.ts'),
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
for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
  if (name.endsWith('.d.ts')) rmSync(path.join(dist, name));
}
renameSync(bundled, path.join(dist, 'index.d.ts'));
await bundleHooks();
chmodSync(path.join(dist, 'cli', 'main.js'), 0o755);

/**
 * A client waits for the process of a hook. So its code is packed into few files, which load faster than
 * two hundred. The code that opens a whole memory stays outside and is loaded when it is needed.
 */
async function bundleHooks() {
  const cli = path.join(dist, 'cli');
  for (const name of readdirSync(cli)) if (name.startsWith('hook-part-')) rmSync(path.join(cli, name));
  await build({
    absWorkingDir: root,
    entryPoints: [path.join(cli, 'hook.js')],
    outdir: cli,
    allowOverwrite: true,
    bundle: true,
    splitting: true,
    chunkNames: 'hook-part-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    logLevel: 'warning',
    plugins: [
      {
        name: 'outside',
        setup(bundler) {
          bundler.onResolve({ filter: /[\\/]settings\.js$/ }, ({ path: file, kind }) =>
            kind === 'dynamic-import' ? { path: file, external: true } : null,
          );
        },
      },
    ],
  });
}
