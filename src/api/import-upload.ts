import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { MemoryError, messageOf } from '../model/errors.js';
import type { UserId } from '../model/ids.js';
import { AccessRefused } from './access.js';
import type { Operations } from './operations.js';

const uploadBytesMax = 512 * 1024 * 1024;
const progressEveryMs = 200;

/**
 * Imports the file in the body of the request. Answers with lines of JSON: `{progress}` (from 0 to 1, null
 * when unknown) during the import, then `{imported}` or `{error}`. The file is deleted afterwards. The import
 * stops when the browser disconnects; sending the file again completes it.
 */
export async function importUpload(
  request: Request,
  response: Response,
  userId: UserId,
  operations: Operations,
): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'memoryos-import-'));
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    const name = nameFrom(request.query.name);
    const file = path.join(folder, name);
    await pipeline(request, atMost(uploadBytesMax), createWriteStream(file, { mode: 0o600 }));
    response.type('application/x-ndjson').set('X-Accel-Buffering', 'no');
    const say = (line: unknown) => response.write(`${JSON.stringify(line)}\n`);
    say({ progress: null });
    let saidMs = 0;
    const progress = (share: number | undefined) => {
      const nowMs = performance.now();
      if (nowMs - saidMs < progressEveryMs) return;
      saidMs = nowMs;
      say({ progress: share === undefined ? null : Math.min(1, share) });
    };
    try {
      say({ imported: await operations.importFile(userId, file, { progress, signal: gone.signal }) });
    } catch (error) {
      if (!(error instanceof MemoryError)) throw error;
      // The path of our temporary folder means nothing to the user.
      say({ error: { code: error.code, message: messageOf(error).replaceAll(`${folder}${path.sep}`, '') } });
    }
    response.end();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A safe file name. Its ending determines the format. */
function nameFrom(given: unknown): string {
  const name = typeof given === 'string' ? given.replace(/[^\p{L}\p{N}._-]+/gu, '_').slice(-100) : '';
  return /[\p{L}\p{N}]/u.test(name) ? name : 'import';
}

function atMost(bytesMax: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes <= bytesMax) done(null, chunk);
      else
        done(
          new AccessRefused(413, 'The file is too large. Use "memoryos-mcp import" for files over 512 MB.'),
        );
    },
  });
}
