import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { offerLogging } from './client-log.js';
import { ClientProject } from './client-project.js';
import { offerCompletion } from './completion.js';
import { serverInstructions } from './instructions.js';
import { offerPrompts } from './prompts/handlers.js';
import { ResourceChanges } from './resources/changes.js';
import { offerResources } from './resources/handlers.js';
import type { McpLog, McpServerOptions, McpSession } from './session.js';
import { offerTools } from './tools/handlers.js';

export interface MemoryServer {
  readonly server: Server;
  /** Writes to the log and, from the level it asked for, to the client. */
  readonly log: McpLog;
}

/** One MCP server for one session; the same for every transport. */
export function createMcpServer(options: McpServerOptions): MemoryServer {
  const server = new Server(
    { name: 'memoryos-mcp', title: 'MemoryOS', version: options.version },
    {
      capabilities: {
        tools: {},
        resources: { subscribe: true, listChanged: true },
        prompts: {},
        completions: {},
        logging: {},
      },
      instructions: serverInstructions,
    },
  );
  const tellClient = offerLogging(server);
  const log: McpLog = (level, message) => {
    options.log(level, message);
    tellClient(level, message);
  };
  const changes = new ResourceChanges(server, log);
  const project = new ClientProject(server, options.project);
  const session: McpSession = {
    ...options,
    log,
    project: () => project.name(),
    async engine() {
      const engine = await options.engine();
      changes.listenTo(engine);
      return engine;
    },
  };
  server.onclose = () => changes.stop();

  project.offer();
  offerTools(server, session);
  offerResources(server, session);
  changes.offer(session);
  offerPrompts(server, session);
  offerCompletion(server, session);
  return { server, log };
}
