import { readFileSync } from 'node:fs';
import net from 'node:net';
import { type HookRequest, type HookSocket, socketFile } from './hook-socket.js';

/** After this time without an answer the hook gives up, because a client waits for it. */
const answerWithinMs = 8_000;

/**
 * Sends an event to a running server of the same memory. Null when there is none, or when it ended before it
 * answered. The caller may then handle the event itself, because storing the same exchange twice stores it
 * once.
 */
export async function askServer(
  dataDir: string,
  userId: string,
  request: Omit<HookRequest, 'secret'>,
): Promise<string | null> {
  const found = readSocketFile(socketFile(dataDir, userId));
  if (found === null) return null;
  return new Promise((resolve) => {
    const socket = net.connect(found.address);
    const chunks: Buffer[] = [];
    const done = (answer: string | null) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(answerWithinMs, () => done(null));
    socket.on('error', () => done(null));
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('end', () => done(chunks.length === 0 ? null : Buffer.concat(chunks).toString('utf8')));
    socket.end(`${JSON.stringify({ secret: found.secret, ...request })}\n`);
  });
}

/** Null when there is no socket file. */
export function readSocketFile(file: string): HookSocket | null {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value !== 'object' || value === null) return null;
    const { address, secret, pid } = value as Partial<Record<keyof HookSocket, unknown>>;
    if (typeof address !== 'string' || typeof secret !== 'string' || typeof pid !== 'number') return null;
    return { address, secret, pid };
  } catch {
    return null;
  }
}
