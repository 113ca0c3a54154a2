import { open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { MemoryError } from '../../model/errors.js';
import { chatgpt } from './chatgpt.js';
import { claude } from './claude.js';
import { geminiTakeout } from './gemini.js';
import type { History } from './history.js';
import { markdown } from './markdown.js';
import { mem0 } from './mem0.js';
import { memoryService } from './memory-service.js';
import { serverMemory } from './server-memory.js';
import { claudeCodeTranscripts, codexTranscripts } from './transcripts.js';

/** Every history that can be imported, by its name on the command line. */
export const histories: ReadonlyMap<string, History> = new Map(
  [
    chatgpt,
    claude,
    geminiTakeout,
    claudeCodeTranscripts,
    codexTranscripts,
    serverMemory,
    mem0,
    markdown,
    memoryService,
  ].map((history) => [history.source, history]),
);

const headBytes = 64 * 1024;

/**
 * Detects the history at a path, and the file or folder to read. Null when it is none of them, such as an
 * export of this program. Judged by the beginning of the file, not by its name. Throws INPUT_INVALID for a
 * packed export.
 */
export async function historyAt(given: string): Promise<{ history: History; path: string } | null> {
  const found = await stat(given);
  if (found.isDirectory()) return historyIn(given);
  const head = await headOf(given);
  if (head.startsWith('PK\u0003\u0004')) {
    throw new MemoryError('INPUT_INVALID', `${given} is a packed archive. Unpack it and name the folder.`);
  }
  const history = historyOf(head, given);
  return history === null ? null : { history, path: given };
}

/** Finds the file of an unpacked export, or the transcripts or notes of a folder. */
async function historyIn(folder: string): Promise<{ history: History; path: string } | null> {
  const names = await readdir(folder, { recursive: true });
  const known = names.find((name) =>
    /(?:^|[\\/])(?:conversations\.json|My ?Activity\.(?:json|html))$/.test(name),
  );
  if (known !== undefined) return historyAt(path.join(folder, known));
  const transcript = names.find((name) => name.endsWith('.jsonl'));
  if (transcript !== undefined) {
    const file = path.join(folder, transcript);
    const history = historyOf(await headOf(file), file);
    if (history?.isOfAgents) return { history, path: folder };
  }
  if (names.some((name) => /\.md$/i.test(name))) return { history: markdown, path: folder };
  // A folder that contains a single file stands for that file.
  const [only, ...others] = names;
  return only === undefined || others.length > 0 ? null : historyAt(path.join(folder, only));
}

function historyOf(head: string, file: string): History | null {
  if (head.startsWith('SQLite format 3\u0000')) return memoryService;
  if (/\.md$/i.test(file)) return markdown;
  if (/\.html?$/i.test(file)) return head.includes('Gemini') ? geminiTakeout : null;
  const has = (...keys: string[]) => keys.every((key) => new RegExp(`"${key}"\\s*:`).test(head));
  if (/^\s*[[{]/.test(head) && !/\.jsonl$/i.test(file)) {
    if (has('mapping')) return chatgpt;
    if (has('chat_messages')) return claude;
    if (has('header', 'title', 'time')) return geminiTakeout;
    if (has('memory')) return mem0;
  }
  if (/"type"\s*:\s*"(?:entity|relation)"/.test(head)) return serverMemory;
  if (/"type"\s*:\s*"(?:session_meta|event_msg|response_item)"/.test(head)) return codexTranscripts;
  return has('sessionId', 'type') || has('leafUuid') ? claudeCodeTranscripts : null;
}

async function headOf(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    const isUtf16 = buffer[0] === 0xff && buffer[1] === 0xfe;
    return buffer.toString(isUtf16 ? 'utf16le' : 'utf8', 0, bytesRead).replace(/^\uFEFF/, '');
  } finally {
    await handle.close();
  }
}
