import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
} from '@modelcontextprotocol/sdk/types.js';
import type { MemoryEngine } from '../engine/memory-engine.js';
import { MemoryError, messageOf } from '../model/errors.js';
import { serverInstructions } from './instructions.js';
import type { MemoryTool } from './tool.js';
import { toolError } from './tool-error.js';
import { addMemory } from './tools/add-memory.js';
import { getUserProfile } from './tools/get-user-profile.js';
import { retrieveMemory } from './tools/retrieve-memory.js';

/** Where the server says what a person should see. Never holds what a user said. */
export type McpLog = (level: 'debug' | 'info' | 'warning' | 'error', message: string) => void;

export interface McpServerOptions {
  readonly version: string;
  /** Opens the memory at the first call, and again after a call that failed. */
  readonly engine: () => Promise<MemoryEngine>;
  readonly log: McpLog;
  /** Called after `tools/list` was answered: the time to load what is heavy. */
  readonly onListed?: (() => void) | undefined;
}

const tools: readonly MemoryTool[] = [addMemory, retrieveMemory, getUserProfile];
const toolByName = new Map(tools.map((tool) => [tool.name, tool]));

/** One MCP server for one session; the same for every transport. */
export function createMcpServer(options: McpServerOptions): Server {
  const server = new Server(
    { name: 'memoryos-mcp', title: 'MemoryOS', version: options.version },
    { capabilities: { tools: {} }, instructions: serverInstructions },
  );

  server.setRequestHandler(ListToolsRequestSchema, (request) => {
    refuseCursor(request.params?.cursor);
    if (options.onListed !== undefined) setImmediate(options.onListed);
    return { tools: tools.map((tool) => tool.describe()) };
  });

  server.setRequestHandler(CallToolRequestSchema, async (request, { signal }) => {
    const { name, arguments: args } = request.params;
    const tool = toolByName.get(name);
    if (tool === undefined) throw unknownTool(name);
    try {
      return await tool.call(args, { engine: options.engine, signal });
    } catch (error) {
      if (!(error instanceof MemoryError)) {
        options.log('error', `${name} failed: ${error instanceof Error ? error.stack : messageOf(error)}`);
      } else if (error.code.startsWith('STORE_')) {
        options.log('error', `${name}: ${error.message}`);
      }
      return toolError(error);
    }
  });

  return server;
}

/** Lists here fit one page, so no cursor was ever given out. */
function refuseCursor(cursor: string | undefined): void {
  if (cursor !== undefined) throw new McpError(ErrorCode.InvalidParams, 'There is no page with this cursor');
}

function unknownTool(name: string): McpError {
  return new McpError(
    ErrorCode.InvalidParams,
    `Unknown tool: ${name.slice(0, 80)}. The tools are ${[...toolByName.keys()].join(', ')}`,
  );
}
