import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import { command } from './command.js';

command({
  call: 'npm run pack:vectra --',
  about:
    'Writes assets/vectra: the part of vectra that keeps vectors on disk. Run it when a version in packages/vectra changes.',
  time: 'half a minute.',
  needs: 'network, to install vectra from npm.',
}).parse();

const root = path.resolve(import.meta.dirname, '..');
const folder = path.join(root, 'packages', 'vectra');
const load = createRequire(path.join(folder, 'package.json'));

/** Only vectra's hybrid search needs these, and it is not used here. */
const neverUsed = /^(wink-bm25-text-search|wink-nlp|wink-eng-lite-web-model)$/;

const leftOut: Plugin = {
  name: 'left-out',
  setup(bundler) {
    bundler.onResolve({ filter: neverUsed }, ({ path: name }) => ({ path: name, namespace: 'left-out' }));
    bundler.onLoad({ filter: /.*/, namespace: 'left-out' }, ({ path: name }) => ({
      contents: `module.exports = () => { throw new Error('${name} is not in this bundle of vectra.'); };`,
    }));
  },
};

/**
 * The part of vectra that keeps vectors, with its dependencies, as files by name: one CommonJS module, the schema it
 * reads, and the licences. An npm package cannot leave out dependencies of its dependencies, and vectra has web
 * readers, tokenisers and a server among them, which are never loaded.
 */
async function packVectra(): Promise<Record<string, string>> {
  const lib = path.dirname(load.resolve('vectra'));
  const { metafile, outputFiles } = await build({
    stdin: {
      contents: `
        exports.LocalIndex = require('./LocalIndex.js').LocalIndex;
        exports.ProtobufCodec = require('./codecs/ProtobufCodec.js').ProtobufCodec;`,
      resolveDir: lib,
      sourcefile: 'vectra.cjs',
    },
    absWorkingDir: folder,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'cjs',
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    banner: { js: '// Made by "npm run pack:vectra"; not to be edited. See LICENSES.txt.' },
    plugins: [leftOut],
    metafile: true,
    write: false,
    logLevel: 'warning',
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error('esbuild gave no file');
  return {
    'vectra.cjs': file.text,
    // The codec loads it from its own folder.
    'schemas/index.proto': readFileSync(path.join(lib, 'codecs', 'schemas', 'index.proto'), 'utf8'),
    'LICENSES.txt': licences(Object.keys(metafile.inputs)),
  };
}

function licences(inputs: readonly string[]): string {
  const names = new Set(
    inputs.flatMap((input) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? []),
  );
  return [...names]
    .sort()
    .map((name) => {
      const own = path.join(folder, 'node_modules', name);
      const { version } = JSON.parse(readFileSync(path.join(own, 'package.json'), 'utf8'));
      const file = readdirSync(own).find((entry) => /^licen[cs]e/i.test(entry));
      if (file === undefined) throw new Error(`${name} has no licence file`);
      return `${name} ${version}\n\n${readFileSync(path.join(own, file), 'utf8').trim()}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}

execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
  cwd: folder,
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
for (const [name, content] of Object.entries(await packVectra())) {
  const file = path.join(root, 'assets', 'vectra', name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  process.stdout.write(`${name}: ${(content.length / 1024).toFixed(0)} KB\n`);
}
