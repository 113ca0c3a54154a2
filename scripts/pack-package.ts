import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const shell = process.platform === 'win32';

/**
 * Packs the build for publishing, without the scripts and tools of development, because npm warns of these when a
 * tarball is installed. Returns the path of the tarball in `folder`.
 */
export function packPackage(folder: string): { file: string; bytes: number } {
  const staging = mkdtempSync(path.join(tmpdir(), 'memoryos-pack-'));
  try {
    const whole = pack(root, staging);
    execFileSync('tar', ['-xzf', path.basename(whole)], { cwd: staging });
    const own = path.join(staging, 'package');
    const described = JSON.parse(readFileSync(path.join(own, 'package.json'), 'utf8'));
    const { scripts: _scripts, devDependencies: _tools, ...published } = described;
    writeFileSync(path.join(own, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
    const file = pack(own, folder);
    return { file, bytes: statSync(file).size };
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

function pack(from: string, to: string): string {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', to];
  const [{ filename }] = JSON.parse(
    execFileSync('npm', args, { cwd: from, encoding: 'utf8', shell, stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  return path.join(to, filename);
}
