import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { offerCompletion } from './completion.js';
import { serverInstructions } from './instructions.js';
import { offerPrompts } from './prompts/handlers.js';
import { ResourceChanges } from './resources/changes.js';
import { offerResources } from './resources/handlers.js';
import type { McpServerOptions, McpSession } from './session.js';
import { offerTools } from './tools/handlers.js';

/** One MCP server for one session; the same for every transport. */
export function createMcpServer(options: McpServerOptions): Server {
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
  const changes = new ResourceChanges(server, options.log);
  const session: McpSession = {
    ...options,
    async engine() {
      const engine = await options.engine();
      changes.listenTo(engine);
      return engine;
    },
  };
  server.onclose = () => changes.stop();

  offerTools(server, session);
  offerResources(server, session);
  changes.offer(session);
  offerPrompts(server, session);
  offerCompletion(server, session);
  return server;
}
