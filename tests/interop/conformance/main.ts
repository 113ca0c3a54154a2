import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { httpServer, outsider } from '../tools.js';

/** Runs the protocol's own conformance suite against the built server over HTTP. */
const suite = outsider('@modelcontextprotocol/conformance@0.1.16');
const data = mkdtempSync(path.join(tmpdir(), 'memoryos-conformance-'));
const server = await httpServer(data);
try {
  const expected = path.resolve('tests/interop/conformance/expected-failures.yml');
  const args = ['server', '--url', server.url, '--suite', 'all', '--expected-failures', expected];
  const { status, stdout, stderr } = suite.run('conformance', args);
  console.log(stdout.slice(stdout.indexOf('=== SUMMARY')), stderr);
  if (status !== 0) {
    console.log('Run it with --verbose against a server of your own to see the failed checks.');
    process.exitCode = 1;
  }
} finally {
  await server.stop();
  suite.remove();
  rmSync(data, { recursive: true, force: true });
}
