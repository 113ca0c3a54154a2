import { Console } from 'node:console';
import { serveStdio as serveWire } from '@modelcontextprotocol/server/stdio';
import type { MemoryEngine } from '../engine/memory-engine.js';
import { messageOf } from '../model/errors.js';
import type { UserId } from '../model/ids.js';
import type { ProjectSource } from './client-project.js';
import { whenClientIsGone } from './client-watch.js';
import { lineOf, roundedMs } from './exchange.js';
import { LazyEngine } from './lazy-engine.js';
import { createMcpServer, type MemoryServer } from './server.js';
import type { McpLog, McpServerOptions } from './session.js';
import { StdioTransport } from './stdio-transport.js';
import { userHash } from './user-hash.js';

export interface StdioOptions {
  readonly version: string;
  /** Opens the memory. What the engine reports goes to the log and to the client. */
  readonly openEngine: (report: McpLog) => Promise<MemoryEngine>;
  readonly answerBytesMax: number;
  readonly shownConfig: Readonly<Record<string, unknown>>;
  readonly project: ProjectSource;
  readonly log: McpLogWithFields;
  /** Logged with requests, as a hash. */
  readonly userId: UserId;
  /** Called once a client can connect and signals shut the server down cleanly. */
  readonly onServing?: (() => void) | undefined;
  /**
   * Lets other processes on this machine use the memory while it is served. Returns a function that ends
   * this.
   */
  readonly beside?: ((engine: () => Promise<MemoryEngine>) => Promise<() => Promise<void>>) | undefined;
}

type McpLogWithFields = (
  level: Parameters<McpLog>[0],
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;

/** Only these methods are logged as information. Clients send the others routinely at every start. */
const worthALine: ReadonlySet<string> = new Set(['tools/call', 'resources/read', 'prompts/get']);

/** Maximum time for outstanding answers after the client has closed its side. */
const answersWithinMs = 1200;
/** Maximum time from the signal or the end of input to the end of the process. */
const exitWithinMs = 1900;
/** The memory is opened this long after `tools/list`, unless a call has opened it before. */
const warmUpAfterMs = 3000;

/**
 * Serves one client over stdin and stdout until it closes its side, or until SIGINT or SIGTERM. Then answers
 * the accepted requests, saves, and resolves with the exit code.
 */
export async function serveStdio(options: StdioOptions): Promise<number> {
  // The protocol uses stdout, so whatever a library prints goes to stderr.
  globalThis.console = new Console(process.stderr, process.stderr);
  // A client that first sends `server/discover` and then `initialize` gets another server.
  let serving: MemoryServer | undefined;
  const log: McpLog = (level, message) => (serving?.log ?? options.log)(level, message);
  const engine = new LazyEngine(() => options.openEngine(log));
  let besides: Promise<() => Promise<void>> | undefined;
  const transport = new StdioTransport(process.stdin, process.stdout);
  const serverOptions: McpServerOptions = {
    version: options.version,
    engine: () => engine.get(),
    log: options.log,
    answerBytesMax: options.answerBytesMax,
    shownConfig: options.shownConfig,
    project: options.project,
    onListed: () => {
      besides ??= options.beside?.(() => engine.get());
      setTimeout(() => {
        engine.get().catch((error) => log('error', messageOf(error)));
      }, warmUpAfterMs).unref();
    },
  };
  // Only to the log. Telling the client about a broken connection would fail again.
  const onerror = (error: Error) => options.log('warning', `Protocol: ${error.message}`);

  const leaving = new Promise<string>((resolve) => {
    transport.onend = () => resolve('the client has closed its side');
    whenClientIsGone(() => resolve('the client has ended'));
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => resolve(signal));
    }
  });
  const user = userHash(options.userId);
  transport.onexchange = (exchange) => {
    const { tool, method, outcome } = lineOf(exchange);
    options.log(worthALine.has(method) ? 'info' : 'debug', 'request', {
      ...(tool === undefined ? { method } : { tool }),
      user,
      duration_ms: roundedMs(exchange.durationMs),
      outcome,
    });
  };
  const wire = serveWire(
    ({ era }) => {
      serving = createMcpServer(serverOptions, era === 'modern' ? 'connection' : 'session');
      serving.server.onerror = onerror;
      return serving.server;
    },
    { transport, onerror },
  );
  log('debug', 'Serving MCP over stdio.');
  options.onServing?.();

  const reason = await leaving;
  log('debug', `Leaving: ${reason}.`);
  const overdue = setTimeout(() => {
    log('warning', 'Could not finish in time; everything acknowledged is on disk.');
    process.exit(0);
  }, exitWithinMs);
  transport.stopReading();
  await Promise.race([transport.answered(), sleep(answersWithinMs)]);
  await wire.close();
  try {
    await (await besides)?.();
    await engine.close();
    return 0;
  } catch (error) {
    log('error', messageOf(error));
    return 1;
  } finally {
    clearTimeout(overdue);
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
