import type { LoggingLevel, Server } from '@modelcontextprotocol/server';
import type { McpLog } from './session.js';

/** Clients receive messages of this level and above until they set another level. */
const levelAtFirst: LoggingLevel = 'warning';

/** Offers `logging/setLevel`. Returns a function that sends log lines of the client's level and above. */
export function offerLogging(server: Server): McpLog {
  let levelMin = rank(levelAtFirst);
  server.setRequestHandler('logging/setLevel', ({ params }) => {
    levelMin = rank(params.level);
    return {};
  });
  return (level, message) => {
    if (rank(level) < levelMin || server.transport === undefined) return;
    // When the client is gone, the message is not needed.
    server.sendLoggingMessage({ level, logger: 'memoryos-mcp', data: message }).catch(() => undefined);
  };
}

/** In ascending order of severity. */
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
