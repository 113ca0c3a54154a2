import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { command } from '../../../scripts/command.js';
import { httpServer, outsider } from '../tools.js';

command({
  call: 'npm run interop:conformance --',
  about:
    "Runs the protocol's own conformance suites against the built server over HTTP, for both eras of the protocol. Exit code 1: a check failed that is not expected to fail.",
  time: '2 minutes.',
  needs: 'Node.js 22 and network, to install @modelcontextprotocol/conformance from npm.',
}).parse();

const data = mkdtempSync(path.join(tmpdir(), 'memoryos-conformance-'));
const server = await httpServer(data);
const target = ['server', '--url', server.url];
let failures = 0;

function run(version: string, args: readonly string[], baseline: string): void {
  const suite = outsider(`@modelcontextprotocol/conformance@${version}`);
  try {
    const expected = path.resolve('tests/interop/conformance', baseline);
    const { status, stdout, stderr } = suite.run('conformance', [
      ...target,
      ...args,
      '--expected-failures',
      expected,
    ]);
    console.log(stdout.slice(stdout.indexOf('=== SUMMARY')), stderr);
    if (status !== 0) failures += 1;
    if (baseline.includes('2026-07-28')) checkEach(suite, 'server-stateless');
  } finally {
    suite.remove();
  }
}

/** For a scenario that is expected to fail: the only checks that may fail are those that the suite cannot make here. */
function checkEach(suite: ReturnType<typeof outsider>, scenario: string): void {
  const { stdout } = suite.run('conformance', [...target, '--scenario', scenario, '--verbose']);
  const checks = checksIn(stdout);
  const failed = checks.filter(({ status, details }) => status === 'FAILURE' && details?.untestable !== true);
  const passed = checks.filter(({ status }) => status === 'SUCCESS').length;
  console.log(`${scenario}: ${passed} checks passed, ${failed.length} failed`);
  for (const { id, errorMessage } of failed) console.log(`  FAILED ${id}: ${errorMessage}`);
  if (failed.length > 0 || passed < 20) failures += 1;
}

interface Check {
  readonly id: string;
  readonly status: string;
  readonly errorMessage?: string;
  readonly details?: { readonly untestable?: boolean };
}

/** The suite prints its checks as a list in JSON between other lines. */
function checksIn(output: string): Check[] {
  const start = output.search(/^\[$/m);
  const end = output.indexOf('\n]', start);
  return start === -1 || end === -1 ? [] : JSON.parse(output.slice(start, end + 2));
}

try {
  run('0.1.16', ['--suite', 'all'], 'expected-failures-2025-11-25.yml');
  run('0.2.0-alpha.12', ['--requirements', '2026-07-28'], 'expected-failures-2026-07-28.yml');
} finally {
  await server.stop();
  rmSync(data, { recursive: true, force: true });
}
if (failures > 0) {
  console.log('Run it with --verbose against a server of your own to see the failed checks.');
  process.exitCode = 1;
}
