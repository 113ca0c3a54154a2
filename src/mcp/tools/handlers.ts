import {
  CLIENT_CAPABILITIES_META_KEY,
  ProtocolError,
  ProtocolErrorCode,
  type Server,
} from '@modelcontextprotocol/server';
import { MemoryError, messageOf } from '../../model/errors.js';
import { refuseCursor } from '../paging.js';
import { Progress } from '../progress.js';
import { RecentlyStored } from '../recently-stored.js';
import { canShowViews, viewMeta } from '../resources/view.js';
import type { McpSession } from '../session.js';
import { inline } from '../text/quote.js';
import type { MemoryTool } from '../tool.js';
import { toolError } from '../tool-error.js';
import { addMemory } from './add-memory.js';
import { consolidateMemory } from './consolidate-memory.js';
import { forgetMemory } from './forget-memory.js';
import { getMemoryStats } from './get-memory-stats.js';
import { getUserProfile } from './get-user-profile.js';
import { retrieveMemory } from './retrieve-memory.js';
import { updateMemory } from './update-memory.js';

const tools: readonly MemoryTool[] = [
  addMemory,
  retrieveMemory,
  getUserProfile,
  updateMemory,
  consolidateMemory,
  forgetMemory,
  getMemoryStats,
];
export const toolByName: ReadonlyMap<string, MemoryTool> = new Map(tools.map((tool) => [tool.name, tool]));

/** Offers the tools, and turns failures into results that a model can read. */
export function offerTools(server: Server, session: McpSession): void {
  const recentlyStored = session.recentlyStored ?? new RecentlyStored();
  server.setRequestHandler('tools/list', (request, { mcpReq }) => {
    refuseCursor(request.params?.cursor);
    if (session.onListed !== undefined) setImmediate(session.onListed);
    // From revision 2026-07-28 on, each request says what its client can do.
    const envelope: Readonly<Record<string, unknown>> | undefined = mcpReq.envelope;
    const showsViews = canShowViews(
      envelope?.[CLIENT_CAPABILITIES_META_KEY] ?? server.getClientCapabilities(),
    );
    return {
      tools: tools.map((tool) =>
        tool.hasView && showsViews ? { ...tool.describe(), _meta: viewMeta } : tool.describe(),
      ),
    };
  });

  server.setRequestHandler('tools/call', async (request, { mcpReq }) => {
    const { name, arguments: args } = request.params;
    const tool = toolByName.get(name);
    if (tool === undefined) throw unknownTool(name);
    const progress = new Progress(mcpReq);
    try {
      return await tool.call(args, {
        engine: () => {
          progress.step('Opening the memory');
          return session.engine();
        },
        project: session.project,
        step: progress.step,
        signal: mcpReq.signal,
        answerBytesMax: session.answerBytesMax,
        recentlyStored,
      });
    } catch (error) {
      logFailure(session, name, error);
      return toolError(error);
    } finally {
      progress.end();
    }
  });
}

/** Logs what a person can fix or must know. Wrong arguments concern only the caller. */
function logFailure(session: McpSession, tool: string, error: unknown): void {
  if (!(error instanceof MemoryError)) {
    session.log('error', `${tool} failed: ${error instanceof Error ? error.stack : messageOf(error)}`);
  } else if (error.code.startsWith('STORE_') || error.code.startsWith('CONFIG_')) {
    session.log('error', `${tool}: ${error.message}`);
  }
}

function unknownTool(name: string): ProtocolError {
  return new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `Unknown tool: ${inline(name.slice(0, 80))}. The tools are ${[...toolByName.keys()].join(', ')}`,
  );
}
