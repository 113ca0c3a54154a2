/** After `tsc`: one declaration file for the one export of the package, and a command that may be executed. */
import { chmodSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';

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
chmodSync(path.join(dist, 'cli', 'main.js'), 0o755);
