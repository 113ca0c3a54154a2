import { Server } from '@modelcontextprotocol/server';
import { offerLogging } from './client-log.js';
import { ClientProject } from './client-project.js';
import { offerCompletion } from './completion.js';
import { serverInstructions } from './instructions.js';
import { offerPrompts } from './prompts/handlers.js';
import { ResourceChanges } from './resources/changes.js';
import { offerResources } from './resources/handlers.js';
import type { McpLog, McpServerOptions, McpSession } from './session.js';
import { offerTools } from './tools/handlers.js';

/**
 * How the server is reached. `session`: revisions up to 2025-11-25, over a lasting connection or session.
 * `connection`: 2026-07-28 over one connection. `request`: 2026-07-28 with one server for each request. In
 * the last two, the server sends only what the client requested with `subscriptions/listen`.
 */
export type Serving = 'session' | 'connection' | 'request';

export interface MemoryServer {
  readonly server: Server;
  /**
   * Writes to the log. Also sends messages of the client's level and above to a client whose protocol
   * revision has log messages.
   */
  readonly log: McpLog;
}

/** These lists are the same for all users until another version is installed. */
const sameForAll = { ttlMs: 3_600_000, cacheScope: 'public' } as const;

/** An MCP server, for every transport and every revision of the protocol. */
export function createMcpServer(options: McpServerOptions, serving: Serving = 'session'): MemoryServer {
  const isSession = serving === 'session';
  const server = new Server(
    { name: 'memoryos-mcp', title: 'MemoryOS', version: options.version },
    {
      capabilities: {
        tools: {},
        resources: { subscribe: true, listChanged: true },
        prompts: {},
        completions: {},
        ...(isSession && { logging: {} }),
      },
      instructions: serverInstructions,
      cacheHints: {
        'server/discover': sameForAll,
        // The list depends on the host: it names views only for hosts that show them.
        'tools/list': { ...sameForAll, cacheScope: 'private' },
        'prompts/list': sameForAll,
        'resources/templates/list': sameForAll,
      },
    },
  );
  const tellClient = isSession ? offerLogging(server) : null;
  const log: McpLog = (level, message) => {
    options.log(level, message);
    tellClient?.(level, message);
  };
  const changes =
    serving === 'request' ? null : new ResourceChanges(server, log, { carrierPicks: !isSession });
  const project = new ClientProject(server, options.project);
  const session: McpSession = {
    ...options,
    log,
    project: () => project.name(),
    async engine() {
      const engine = await options.engine();
      changes?.listenTo(engine);
      return engine;
    },
  };
  server.onclose = () => changes?.stop();

  project.offer();
  offerTools(server, session);
  offerResources(server, session);
  changes?.offer(session);
  offerPrompts(server, session);
  offerCompletion(server, session);
  return { server, log };
}
