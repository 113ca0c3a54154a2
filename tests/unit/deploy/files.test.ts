import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { environmentName, keyNames } from '../../../src/app/config/config-keys.js';
import { environmentIn, instructionsIn } from '../../support/dockerfile.js';

const known = new Set<string>(keyNames.map(environmentName));
const read = (name: string) => readFileSync(`deploy/${name}`, 'utf8');
const dockerfile = instructionsIn(read('Dockerfile'));
const last = dockerfile.slice(dockerfile.map(({ name }) => name).lastIndexOf('FROM'));

describe('the files for deployment', () => {
  it.each(['Dockerfile', 'compose.yaml', 'kubernetes.yaml', 'memoryos-mcp.service'])(
    'name only variables that exist: %s',
    (name) => {
      const named = read(name).match(/\bMEMORYOS_[A-Z_]+\b/g) ?? [];
      // Only the proxy uses the domain.
      const unknown = named.filter((variable) => variable !== 'MEMORYOS_DOMAIN' && !known.has(variable));
      expect(unknown).toEqual([]);
      expect(named.length).toBeGreaterThan(0);
    },
  );

  it('run the image as an unprivileged user, with a health check', () => {
    expect(last.find(({ name }) => name === 'USER')?.args).toBe('node');
    expect(last.find(({ name }) => name === 'HEALTHCHECK')?.args).toContain('/healthz');
    expect(environmentIn(last)).toMatchObject({ MEMORYOS_TRANSPORT: 'http', MEMORYOS_HTTP_PORT: '3000' });
    expect(last.find(({ name }) => name === 'EXPOSE')?.args).toBe('3000');
  });

  it('compose: two servers, a worker, a database and a proxy in front; all root file systems are read-only', () => {
    const { services, volumes } = parse(read('compose.yaml'), { merge: true });
    expect(Object.keys(services)).toEqual(['database', 'server-1', 'server-2', 'worker', 'proxy']);
    for (const name of ['server-1', 'server-2', 'worker']) {
      expect(services[name]).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
      expect(services[name].environment.MEMORYOS_STORE).toBe('postgres');
    }
    expect(services.worker.command).toEqual(['worker']);
    for (const name of ['server-1:3000', 'server-2:3000']) expect(read('Caddyfile')).toContain(name);
    const mounted = Object.values(services).flatMap(
      (service) => (service as { volumes?: string[] }).volumes ?? [],
    );
    const named = mounted.map((mount) => mount.split(':')[0]).filter((source) => !source?.startsWith('.'));
    expect(new Set(named)).toEqual(new Set(Object.keys(volumes)));
  });

  it("kubernetes: every container is locked down, and probes use the server's health checks", () => {
    const documents = parseAllDocuments(read('kubernetes.yaml')).map((document) => document.toJS());
    expect(documents.map(({ kind }) => kind)).toEqual(['Deployment', 'Service', 'Deployment']);
    for (const { kind, spec } of documents) {
      if (kind !== 'Deployment') continue;
      expect(spec.template.spec.securityContext.runAsNonRoot).toBe(true);
      for (const { securityContext } of spec.template.spec.containers) {
        expect(securityContext).toMatchObject({
          readOnlyRootFilesystem: true,
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
        });
      }
    }
    const [server] = documents[0].spec.template.spec.containers;
    expect(server.readinessProbe.httpGet.path).toBe('/readyz');
    expect(server.livenessProbe.httpGet.path).toBe('/healthz');
  });

  it('the proxies pass on event streams without buffering', () => {
    expect(read('Caddyfile')).toMatch(/flush_interval -1/);
    expect(read('nginx.conf')).toMatch(/proxy_buffering off/);
  });
});
