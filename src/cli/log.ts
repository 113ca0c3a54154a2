import type { Logger } from 'pino';
import { type LogLevel, logLevels } from '../app/config/log-level.js';
import { packageRequire } from '../lib/io/package-files.js';
import { styled } from './terminal.js';

type MessageLevel = Exclude<LogLevel, 'silent'>;

/** Writes to stderr: JSON lines, or plain lines on a terminal. Messages never contain what a user said. */
export type Log = (level: MessageLevel, message: string, fields?: Readonly<Record<string, unknown>>) => void;

/**
 * Creates a log of the given level on stderr. Lines are written synchronously, so a crash loses none. The
 * logging library is loaded with the first line, so a server without messages starts faster.
 */
export function createLog(level: LogLevel): Log {
  let logger: Logger<MessageLevel, true> | undefined;
  return (at, message, fields) => {
    if (logLevels.indexOf(at) < logLevels.indexOf(level)) return;
    logger ??= createLogger(level);
    logger[at](fields ?? {}, message);
  };
}

function createLogger(level: LogLevel): Logger<MessageLevel, true> {
  const { pino }: typeof import('pino') = packageRequire()('pino');
  return pino<MessageLevel, true>(
    {
      level,
      customLevels: { debug: 20, info: 30, warning: 40, error: 50 },
      useOnlyCustomLevels: true,
      base: { name: 'memoryos-mcp', pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    process.stderr.isTTY ? { write: plain } : pino.destination({ dest: 2, sync: true }),
  );
}

const colours = { debug: 'dim', info: 'cyan', warning: 'yellow', error: 'red' } as const;

function plain(line: string): void {
  const { level, time, msg, name: _name, pid: _pid, ...fields } = JSON.parse(line);
  const colour = level in colours ? colours[level as keyof typeof colours] : 'reset';
  const rest = Object.entries(fields).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`);
  const mark = styled(process.stderr, colour, String(level).padEnd(7));
  process.stderr.write(`${String(time).slice(11, 19)} ${mark} ${msg}${rest.join('')}\n`);
}
