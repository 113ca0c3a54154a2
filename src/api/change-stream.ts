import type { Request, Response } from 'express';
import type { MemoryEngine } from '../engine/memory-engine.js';

const commentEveryMs = 15_000;

/** Sends a server-sent event for every change of the memory until the browser goes away. */
export function streamChanges(memory: MemoryEngine, request: Request, response: Response): void {
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
  const comments = setInterval(() => response.write(': \n\n'), commentEveryMs).unref();
  request.once('close', () => {
    clearInterval(comments);
    cancel();
  });
}
