import { startHttp } from './http/http-server.js';
import type { HttpOptions } from './http/options.js';

/** Maximum time from the signal to the end of the process. */
const exitWithinMs = 1900;

/**
 * Serves many clients over Streamable HTTP until SIGINT or SIGTERM. Then accepts no more requests, answers
 * those in progress, calls `close`, and resolves with the exit code. A second signal ends the process at
 * once. Throws the errors of `startHttp`.
 */
export async function serveHttp(
  options: HttpOptions & { readonly close: () => Promise<void> },
): Promise<number> {
  const { log } = options;
  const server = await startHttp(options);
  const leaving = new Promise<string>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => resolve(signal));
  });
  log('info', `Serving MCP over HTTP at ${server.url}`);

  const reason = await leaving;
  log(
    'info',
    `Stopping: ${reason}. Requests in progress are answered first; a second signal stops the server at once.`,
  );
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => process.exit(130));
  const overdue = setTimeout(() => {
    log('warning', 'Could not finish in time; everything acknowledged is on disk.');
    process.exit(0);
  }, exitWithinMs);
  await server.stop();
  await options.close();
  clearTimeout(overdue);
  return 0;
}
