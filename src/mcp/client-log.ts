import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  type LoggingLevel,
  LoggingLevelSchema,
  SetLevelRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import type { McpLog } from './session.js';

/** What a client gets to see until it says otherwise. */
const levelAtFirst: LoggingLevel = 'warning';

/** Offers `logging/setLevel`; what it returns sends log lines to the client from that level on. */
export function offerLogging(server: Server): McpLog {
  let levelMin = rank(levelAtFirst);
  server.setRequestHandler(SetLevelRequestSchema, ({ params }) => {
    levelMin = rank(params.level);
    return {};
  });
  return (level, message) => {
    if (rank(level) < levelMin || server.transport === undefined) return;
    // A client that is gone misses nothing.
    server.sendLoggingMessage({ level, logger: 'memoryos-mcp', data: message }).catch(() => undefined);
  };
}

/** The levels of the protocol stand in ascending order. */
function rank(level: LoggingLevel): number {
  return LoggingLevelSchema.options.indexOf(level);
}
