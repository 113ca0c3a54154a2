import type { Request, Response } from 'express';
import type { MemoryEngine } from '../engine/memory-engine.js';

const checkEveryMs = 5000;

/**
 * Sends a server-sent event for every change of the memory, until the browser disconnects or loses access.
 * `isAllowed` is called every few seconds.
 */
export function streamChanges(
  memory: MemoryEngine,
  request: Request,
  response: Response,
  isAllowed: () => Promise<boolean>,
): void {
  response.set({ 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' });
  response.write('retry: 2000\n\n');
  const cancel = memory.onChange((change) => {
    const { shortTerm, segmentsListed, longTerm, segments } = change;
    const what = {
      short_term: shortTerm,
      mid_term: segmentsListed || segments.size > 0,
      long_term: longTerm,
    };
    response.write(`event: change\ndata: ${JSON.stringify(what)}\n\n`);
  });
  const checks = setInterval(async () => {
    if (await isAllowed()) response.write(': \n\n');
    else response.end();
  }, checkEveryMs).unref();
  request.once('close', () => {
    clearInterval(checks);
    cancel();
  });
}
