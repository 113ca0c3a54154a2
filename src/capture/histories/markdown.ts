import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import type { Conversation, Exchange } from '../../model/exchange.js';
import type { History } from './history.js';
import { timeFrom } from './times.js';
import { filesOf } from './transcripts.js';

const frontMatterSchema = z.looseObject({
  title: z.string().nullish(),
  created: z.union([z.string(), z.date()]).nullish(),
  date: z.union([z.string(), z.date()]).nullish(),
});

const source = 'markdown';
const fileBytesMax = 4 * 1024 * 1024;
/** Longer notes are cut at their headings, so that a search finds the right part. */
const partCharacters = 4_000;

/**
 * Plain Markdown notes and notes of basic-memory, with or without front matter. A folder becomes one segment.
 */
export const markdown: History = {
  source,
  title: 'Markdown notes',
  async *read(given, report) {
    const files = await filesOf(given, '.md');
    const folders = new Map<string, Exchange[]>();
    const isFile = files.length === 1 && files[0] === given;
    const root = isFile ? path.dirname(given) : given;
    for (const [index, file] of files.entries()) {
      report.progress((index + 1) / files.length);
      const name = path.relative(root, file).split(path.sep).join('/');
      const found = await stat(file);
      if (found.size > fileBytesMax) {
        report.leaveOut('a note is longer than 4 MB', name);
        continue;
      }
      const { matter, body } = split((await readFile(file, 'utf8')).replace(/^\uFEFF/, ''));
      const title = matter.title ?? path.basename(file, path.extname(file));
      const written = matter.created ?? matter.date ?? null;
      const timestamp =
        timeFrom(written instanceof Date ? written.toISOString() : written) ?? found.mtime.toISOString();
      const folder = path.posix.dirname(name);
      const exchanges = folders.get(folder) ?? [];
      for (const [part, text] of parts(body).entries()) {
        exchanges.push({
          key: `${source}\n${name}\n${part}`,
          userInput: text.startsWith('#') ? text : `# ${title}\n\n${text}`,
          agentResponse: '',
          timestamp,
          project: null,
          origin: { by: 'import', client: source, file: name },
        });
      }
      folders.set(folder, exchanges);
    }
    for (const [folder, exchanges] of folders) yield conversationOf(folder, path.basename(root), exchanges);
  },
};

function conversationOf(folder: string, root: string, exchanges: readonly Exchange[]): Conversation {
  return { id: `${source}\n${folder}`, title: folder === '.' ? root : folder, exchanges, facts: [] };
}

function split(text: string): { matter: z.infer<typeof frontMatterSchema>; body: string } {
  const [whole, yaml] = /^---\r?\n([\s\S]*?)\r?\n---(?:\r?\n|$)/.exec(text) ?? [];
  if (whole === undefined || yaml === undefined) return { matter: {}, body: text };
  try {
    const parsed = frontMatterSchema.safeParse(parse(yaml));
    return { matter: parsed.success ? parsed.data : {}, body: text.slice(whole.length) };
  } catch {
    // The block only looked like front matter.
    return { matter: {}, body: text };
  }
}

/** Splits the text at headings or paragraphs. An empty text has no parts. */
function parts(text: string): string[] {
  const found: string[] = [];
  let part = '';
  for (const piece of text.split(/\r?\n(?=#{1,6} |\r?\n)/)) {
    const isLong = part.length + piece.length > partCharacters;
    if (isLong && part.trim() !== '') {
      found.push(part.trim());
      part = '';
    }
    part += `\n${piece}`;
  }
  if (part.trim() !== '') found.push(part.trim());
  return found;
}
