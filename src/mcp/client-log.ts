import type { LoggingLevel, Server } from '@modelcontextprotocol/server';
import type { McpLog } from './session.js';

/** What a client gets to see until it says otherwise. */
const levelAtFirst: LoggingLevel = 'warning';

/** Offers `logging/setLevel`; what it returns sends log lines to the client from that level on. */
export function offerLogging(server: Server): McpLog {
  let levelMin = rank(levelAtFirst);
  server.setRequestHandler('logging/setLevel', ({ params }) => {
    levelMin = rank(params.level);
    return {};
  });
  return (level, message) => {
    if (rank(level) < levelMin || server.transport === undefined) return;
    // A client that is gone misses nothing.
    server.sendLoggingMessage({ level, logger: 'memoryos-mcp', data: message }).catch(() => undefined);
  };
}

/** In ascending order. */
const levels: readonly LoggingLevel[] = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
];

function rank(level: LoggingLevel): number {
  return levels.indexOf(level);
}
